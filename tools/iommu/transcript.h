/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of dma-transcript: memory to map, the address space that maps it,
 * the device that does DMA, and the kernel's log, which reports faults.
 *
 * All output depends on the seed and on the IOMMU alone, so that the transcripts
 * of two IOMMUs, with different devices, can be compared line by line.
 */
#ifndef _TOOLS_IOMMU_TRANSCRIPT_H
#define _TOOLS_IOMMU_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "util.h"
#include "vfio.h"

/* A page that is always mapped, for devices whose data goes by DMA both ways */
#define SCRATCH_IOVA	PAGE
#define SCRATCH_END	(SCRATCH_IOVA + PAGE)

#define ACCESS_MAX	8192U	/* bytes of one access */

/* Pseudo-random numbers: transcript_random.c */

/**
 * struct random - a sequence of numbers
 * @state: the same state gives the same numbers
 */
struct random {
	__u64 state;
};

__u64 random_next(struct random *r);
__u64 random_below(struct random *r, __u64 limit);
void random_bytes(struct random *r, unsigned char *p, size_t len);
bool random_chance(struct random *r, unsigned int percent);
unsigned int random_case(struct random *r, const unsigned char *weight,
			 unsigned int n);
__u64 hash_bytes(__u64 hash, const void *p, size_t len);

#define HASH_START	0xcbf29ce484222325ULL

/* Memory: transcript_memory.c */

enum pool_id { POOL_4K, POOL_2M, POOL_1G, POOLS };

/**
 * struct pool - memory in pages of one size
 * @name: for the transcript
 * @va: where this process has it
 * @size: bytes; 0 if the machine has no such pages
 * @page: size of its pages
 * @lazy: large, and zero until it is used, so that most of it is never written
 * @touched: one for each 4 KiB of a lazy pool, set where it has its pattern
 */
struct pool {
	const char *name;
	unsigned char *va;
	__u64 size;
	__u64 page;
	bool lazy;
	unsigned char *touched;
};

int memory_create(struct pool pool[POOLS]);
void memory_reset(struct pool pool[POOLS]);
void memory_touch(struct pool pool[POOLS], enum pool_id id, __u64 off,
		  __u64 len);
void memory_restore(struct pool pool[POOLS], enum pool_id id, __u64 off,
		    __u64 len);
__u64 memory_hash(const struct pool pool[POOLS]);
__u64 memory_stray(const struct pool pool[POOLS]);

/* Faults that the driver has logged: transcript_faults.c */

#define FAULTS_MAX	8

/**
 * struct fault - a fault as the VT-d driver logs it
 * @write: the request was a write
 * @pasid: the request had a PASID
 * @addr: page of its address
 * @reason: fault reason, VT-d 7.1.3
 */
struct fault {
	bool write;
	bool pasid;
	__u64 addr;
	unsigned int reason;
};

/**
 * struct fault_log - the kernel's log from fault_log_open() on
 * @fd: /dev/kmsg
 * @n: entries of @fault in use; the consumer sets it to 0
 * @fault: faults read
 * @since_rest: faults since the last fault_log_rest()
 */
struct fault_log {
	int fd;
	unsigned int n;
	struct fault fault[FAULTS_MAX];
	unsigned int since_rest;
};

int fault_log_open(struct fault_log *log);
int fault_log_read(struct fault_log *log);
void fault_log_rest(struct fault_log *log);

/* The device: transcript_edu.c, transcript_endpoint.c, transcript_testdev.c */

/**
 * struct dma - one access of the device
 * @write: the device writes memory; else it reads
 * @iova: address that the device puts on the bus
 * @data: the bytes
 * @len: how many, at most ACCESS_MAX
 * @done: how many the device moved
 * @known: the device itself knows what the IOMMU found
 * @reason: fault reason, if @known; 0 if there was no fault
 * @addr: page of the fault, if @known and @reason
 */
struct dma {
	bool write;
	__u64 iova;
	unsigned char *data;
	__u32 len;
	__u32 done;
	bool known;
	unsigned int reason;
	__u64 addr;
};

/**
 * struct dma_device - a kind of device
 * @name: for messages
 * @vendor: PCI vendor ID
 * @device: PCI device ID
 * @check: return 0 if this function can be driven, else a negative errno
 * @access: carry out an access up to its end or its first fault, which is in
 *	the log on return; return 0 or a negative errno. @scratch is the memory
 *	mapped at SCRATCH_IOVA.
 */
struct dma_device {
	const char *name;
	unsigned int vendor;
	unsigned int device;
	int (*check)(struct vfio_dev *dev);
	int (*access)(struct vfio_dev *dev, unsigned char *scratch,
		      struct fault_log *log, struct dma *dma);
};

extern const struct dma_device transcript_edu;
extern const struct dma_device transcript_endpoint;
extern const struct dma_device transcript_testdev;

/* The address space: transcript_space.c */

#define MAPPINGS_MAX	24
#define GONE_MAX	16

/**
 * struct mapping - memory at an address
 * @iova: the address
 * @len: bytes
 * @pool: memory
 * @off: where in @pool
 * @access: IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE
 */
struct mapping {
	__u64 iova;
	__u64 len;
	enum pool_id pool;
	__u64 off;
	__u32 access;
};

/**
 * struct space - an IO address space
 * @iommufd: iommufd context
 * @ioas: the IO address space
 * @last: last address that can be mapped
 * @within: no mapping crosses a multiple of 2 to the power of this; up to 63
 * @pool: memory that there is to map
 * @map: what is mapped
 * @n: how many of them
 * @gone: ring of what was mapped before
 * @ngone: number of unmappings so far
 */
struct space {
	int iommufd;
	__u32 ioas;
	__u64 last;
	unsigned int within;
	struct pool *pool;
	struct mapping map[MAPPINGS_MAX];
	unsigned int n;
	struct mapping gone[GONE_MAX];
	unsigned int ngone;
};

int space_create(struct space *s, int iommufd, struct pool *pool,
		 unsigned int within);
int space_limits(struct space *s);
bool space_free(const struct space *s, __u64 iova, __u64 len);
int space_map(struct space *s, const struct mapping *m);
int space_unmap(struct space *s, unsigned int i);
const char *space_rights(const struct space *s, __u64 iova);
__u64 space_reach(const struct space *s, bool write, __u64 iova, __u64 len);
void space_touch(struct space *s, __u64 iova, __u64 len);
void space_restore(struct space *s, __u64 iova, __u64 len);
__u64 space_hash(const struct space *s, __u64 iova, __u64 len);

/* The choice of what to do next: transcript_plan.c */

bool plan_is_interrupt(const struct dma *dma);
bool plan_mapping(struct random *r, const struct space *s, struct mapping *m);
bool plan_mapping_at(struct random *r, const struct space *s, __u64 iova,
		     struct mapping *m);
void plan_access(struct random *r, const struct space *s, struct dma *dma);
void plan_access_other(struct dma *dma);
void plan_access_in(struct random *r, const struct mapping *m,
		    struct dma *dma);

#endif /* _TOOLS_IOMMU_TRANSCRIPT_H */
