// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMA API of a kernel driver, as the kernel's own benchmark measures it
 * (CONFIG_DMA_MAP_BENCHMARK): nothing here nests, and nothing may cost more
 * because it could.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include "bench.h"

/* What the kernel's benchmark takes; its header is not among the exported. */
struct map_benchmark {
	__u64 avg_map_100ns;
	__u64 map_stddev;
	__u64 avg_unmap_100ns;
	__u64 unmap_stddev;
	__u32 threads;
	__u32 seconds;
	__s32 node;
	__u32 dma_bits;
	__u32 dma_dir;
	__u32 dma_trans_ns;
	__u32 granule;
	__u8 expansion[76];
};

#define DMA_MAP_BENCHMARK	_IOWR('d', 1, struct map_benchmark)
#define ANY_NODE		(-1)

/**
 * bench_dma() - map and unmap 1 and 16 pages for a device, again and again
 * @bdf: the device, which nobody uses
 *
 * Instructions come in hundreds.
 */
void bench_dma(const char *bdf)
{
	static const __u32 pages[] = { 1, 16 };
	unsigned int i;
	int fd, ret;

	ret = pci_bind_driver(bdf, "dma_map_benchmark");
	if (ret)
		bench_die("a driver that measures the DMA API", ret);
	fd = open("/sys/kernel/debug/dma_map_benchmark", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		bench_die("dma_map_benchmark in debugfs", -errno);

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		struct map_benchmark run = {
			.threads = 1,
			.seconds = 1,
			.node = ANY_NODE,
			.dma_bits = 64,
			.granule = pages[i],
		};

		if (ioctl(fd, DMA_MAP_BENCHMARK, &run))
			bench_die("the DMA API", -errno);
		row_begin("dma");
		row_number("pages", pages[i]);
		row_number("map_ns", run.avg_map_100ns * 100);
		row_number("map_ticks", run.avg_map_100ns * 100);
		row_number("unmap_ns", run.avg_unmap_100ns * 100);
		row_number("unmap_ticks", run.avg_unmap_100ns * 100);
		row_end();
	}
	close(fd);
}
