// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that does anything: an input is a program of steps of 8 bytes. After all of them,
 * what the devices reach is to be what the tables say, as a second, simpler walk sees it.
 *
 * tests/seeds has programs to begin with. The host ends the process when it is asked for
 * something that no VMM may ask for.
 */
#include <string.h>

#include "fixture.h"
#include "fuzz.h"

#define FUZZ_TABLES	2
#define FUZZ_WORDS	0x8000	/* of guest memory that steps write */
#define FUZZ_STEPS	200

/**
 * struct fuzz - a program being run
 * @f: fixture
 * @table: page tables
 * @leaves: table of level 1 of each, for addresses from 0 on
 * @directory: table of level 2 of each
 * @entry: where the translation of each device is: context or PASID entry
 * @there: device is behind the unit
 * @mutate_after: reads until @mutate_word changes; 0 for never
 * @mutate_word: index of a word
 * @mutate_bits: what is changed of it
 */
struct fuzz {
	struct fixture f;
	__u64 table[FUZZ_TABLES];
	__u64 leaves[FUZZ_TABLES];
	__u64 directory[FUZZ_TABLES];
	__u64 entry[2];
	bool there[2];
	unsigned int mutate_after;
	unsigned int mutate_word;
	__u64 mutate_bits;
};

static const __u16 fuzz_sid[] = { SID, SID_2 };

static const struct {
	__u16 offset;
	__u8 size;
} fuzz_regs[] = {
	{ VUNIT_GCMD, 4 }, { VUNIT_RTADDR, 8 }, { VUNIT_FSTS, 4 }, { VUNIT_FECTL, 4 },
	{ VUNIT_FECTL + 4, 4 }, { VUNIT_FECTL + 8, 4 }, { VUNIT_FECTL + 12, 4 },
	{ VUNIT_IQT, 8 }, { VUNIT_IQA, 8 }, { VUNIT_ICS, 4 }, { VUNIT_IECTL, 4 },
	{ VUNIT_PQH, 8 }, { VUNIT_PQT, 8 }, { VUNIT_PQA, 8 }, { VUNIT_PRS, 4 },
	{ VUNIT_PECTL, 4 }, { VUNIT_FRCD + 8, 8 }, { VUNIT_FRCD + 24, 8 }, { VUNIT_IQH, 8 },
	{ VUNIT_CAP, 8 }, { VUNIT_FSTS, 8 }, { VUNIT_IQT, 4 }, { VUNIT_IQT + 4, 4 },
};

static void fuzz_read(struct fixture *f)
{
	struct fuzz *z = (struct fuzz *)f;

	if (z->mutate_after && !--z->mutate_after)
		*driver_word(&f->d, z->mutate_word * 8) ^= z->mutate_bits;
}

static __u64 fuzz_value(const struct fuzz_step *s)
{
	__u64 page = (s->c >> 16 & 0x3ff) << 12 | (s->c & 0xfff);

	switch (s->a >> 4 & 7) {
	case 1:
		return page;
	case 2:
		return (__u64)s->c << 32;
	case 3:
		return HIGH_GPA + page;
	case 4:
		return ROM_GPA + page;
	default:
		return s->c;
	}
}

static void fuzz_map(struct fuzz *z, const struct fuzz_step *s)
{
	unsigned int index = s->a & 1;
	bool large = s->a & 2;
	__u64 bits = s->c & 3;
	__u64 gpa = fuzz_value(s) & ~(large ? SIZE_2M - 1 : PAGE - 1);

	if (large)
		bits |= VUNIT_SS_PS;
	*driver_word(&z->f.d, (large ? z->directory : z->leaves)[index] + (s->b & 511) * 8) =
		bits & 3 ? gpa | bits : 0;
}

static void fuzz_use(struct fuzz *z, const struct fuzz_step *s)
{
	__u64 table = z->table[s->a & 1], *e = driver_word(&z->f.d, z->entry[s->a >> 1 & 1]);
	bool pass = s->a & 4, nothing = s->a & 8;
	__u64 did = s->b & 7;

	switch (z->f.d.mode) {
	case DRIVER_LEGACY:
		e[0] = pass ? 1 | VUNIT_TT_PASS << 2 : table | 1;
		e[1] = 2 | did << 8;
		break;
	case DRIVER_SECOND:
		e[0] = pass ? 1 | VUNIT_PGTT_PASS << 6 :
			      table | 1 | 2 << 2 | VUNIT_PGTT_SECOND << 6;
		e[1] = did;
		break;
	case DRIVER_FIRST:
		e[0] = 1 | (pass ? VUNIT_PGTT_PASS : VUNIT_PGTT_FIRST) << 6;
		e[1] = did;
		e[2] = table;
	}
	if (nothing)
		e[0] = 0;
}

static void fuzz_queue(struct fuzz *z, const struct fuzz_step *s)
{
	struct driver *d = &z->f.d;

	switch (s->a & 7) {
	case 0:
		driver_queue_pages(d, s->b & 7, (__u64)s->c << 12, s->b >> 8 & 63);
		break;
	case 1:
		driver_queue_domain(d, s->b & 7);
		break;
	case 2:
		driver_queue_context(d, fuzz_sid[s->b & 1], s->b >> 8 & 7);
		break;
	case 3:
		driver_queue_wait(d);
		break;
	case 4:
		driver_queue(d, s->c | (__u64)s->b << 32, s->a >> 3);
		break;
	default:
		driver_queue(d, s->c | (__u64)s->b << 16, (__u64)s->c << 12);
	}
}

static void fuzz_device(struct fuzz *z, const struct fuzz_step *s)
{
	unsigned int index = s->a & 1;

	if (z->there[index])
		vunit_device_remove(z->f.unit, fuzz_sid[index]);
	else if (vunit_device_add(z->f.unit, fuzz_sid[index], fake_host_dev(index)))
		return;
	z->there[index] = !z->there[index];
}

static void fuzz_memory(struct fuzz *z)
{
	z->f.no_high = !z->f.no_high;
	if (z->f.no_high)
		vunit_memory_remove(z->f.unit, HIGH_GPA, RAM_SIZE);
	else
		vunit_memory_add(z->f.unit, HIGH_GPA, RAM_SIZE, z->f.high, true);
}

static void fuzz_load(struct fuzz *z, const struct fuzz_step *s)
{
	static struct vunit_state state;

	vunit_save(z->f.unit, &state);
	((__u8 *)&state)[s->c % sizeof(state)] ^= s->a;
	vunit_load(z->f.unit, &state);
}

static void fuzz_report(struct fuzz *z, const struct fuzz_step *s)
{
	const struct vunit_page_request req = {
		.sid = fuzz_sid[s->b & 1],
		.group = s->b >> 4 & 511,
		.addr = (__u64)s->c << 12,
		.read = s->a & 4,
		.last = s->a & 8,
	};

	if (s->a & 1)
		vunit_page_request(z->f.unit, &req);
	else
		vunit_fault(z->f.unit, req.sid, req.addr, req.read, s->b);
}

/* Errors of the host that it may well have */
static void fuzz_fail(struct fuzz *z, const struct fuzz_step *s)
{
	static const int errors[] = { 0, -12, -22, -110 };
	int err = errors[s->b & 3];

	switch (s->a & 3) {
	case 0:
		z->f.host.fail_map = err;
		break;
	case 1:
		z->f.host.fail_alloc = err;
		break;
	case 2:
		z->f.host.fail_attach = err;
		break;
	case 3:
		z->f.host.fail_invalidate = err;
	}
}

static void fuzz_step(struct fuzz *z, const struct fuzz_step *s)
{
	switch (s->op & 15) {
	case 0:
		vunit_write(z->f.unit, fuzz_regs[s->a % ARRAY_SIZE(fuzz_regs)].offset,
			    s->c | (__u64)s->b << 32, fuzz_regs[s->a % ARRAY_SIZE(fuzz_regs)].size);
		return;
	case 1:
		*driver_word(&z->f.d, s->b % FUZZ_WORDS * 8) = fuzz_value(s);
		return;
	case 2:
		*driver_word(&z->f.d, s->b % FUZZ_WORDS * 8) ^= BIT_ULL(s->a & 63);
		return;
	case 3:
	case 4:
		fuzz_map(z, s);
		return;
	case 5:
		fuzz_use(z, s);
		return;
	case 6:
	case 7:
		fuzz_queue(z, s);
		return;
	case 8:
		driver_kick(&z->f.d);
		return;
	case 9:
		fuzz_device(z, s);
		return;
	case 10:
		fuzz_memory(z);
		return;
	case 11:
		fuzz_load(z, s);
		return;
	case 12:
		fuzz_report(z, s);
		return;
	case 13:
		z->mutate_after = s->b % 64;
		z->mutate_word = s->c % FUZZ_WORDS;
		z->mutate_bits = BIT_ULL(s->a & 63);
		return;
	case 14:
		fuzz_fail(z, s);
		return;
	default:
		if (s->a & 1)
			driver_enable(&z->f.d);
		else if (s->a & 2)
			vunit_reset(z->f.unit);
		else
			driver_disable(&z->f.d);
	}
}

/* What the guest's table says of an address, without any of the unit's code */
static const void *fuzz_walk(struct fuzz *z, const struct vunit_translation *t, __u64 addr,
			     bool write)
{
	__u64 table = t->root, e = 3, rights = 3;
	int shift = 12 + 9 * (t->levels - 1);
	struct vunit_memory mem;

	if (addr >> shift >> 9 || addr >> 20 == 0xfee)
		return NULL;
	for (; ; shift -= 9) {
		z->f.config.ops->find(&z->f, table, &mem);
		if (!mem.va || mem.len < PAGE)
			return NULL;
		e = ((__u64 *)mem.va)[addr >> shift & 511];
		rights &= e;
		if (!rights)
			return NULL;
		if (shift == 12 || (shift <= 30 && e & 0x80))
			break;
		if (e & 0x880)
			return NULL;
		table = e & 0xffffffffff000ULL;
	}
	e &= 0xffffffffff000ULL;
	if (e & (BIT_ULL(shift) - 1))
		return NULL;
	z->f.config.ops->find(&z->f, e + (addr & (BIT_ULL(shift) - 1)), &mem);
	if (!mem.va || (write && (!(rights & 2) || !mem.writable)) || (!write && !(rights & 1)))
		return NULL;
	return mem.va;
}

static void fuzz_compare(struct fuzz *z, const struct vunit_device *dev)
{
	const __u32 access[] = { IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE };
	__u64 i, addr;
	int write;

	fake_host_check(vunit_mappings_valid(&dev->mappings), "a valid tree");
	if (dev->now.kind != VUNIT_SECOND)
		return;
	for (i = 0; i < 600; i++) {
		addr = i < 300 ? i * PAGE : (i - 300) * SIZE_2M + i % 7 * PAGE;
		for (write = 0; write < 2; write++)
			fake_host_check(fake_host_reach(&z->f.host, dev->host_dev, addr,
							access[write]) ==
					fuzz_walk(z, &dev->now, addr, write),
					"what the table says");
	}
}

static void fuzz_open(struct fuzz *z, unsigned int mode)
{
	struct driver *d = &z->f.d;
	int i;

	z->f.config = (struct vunit_config) {
		.hw = { .cap_reg = HOST_CAP, .ecap_reg = HOST_ECAP },
		.page_requests = true,
		.max_mappings = 256,
	};
	fixture_open_config(&z->f, mode % 3);
	z->there[0] = true;
	for (i = 0; i < 2; i++) {
		z->table[i] = driver_page(d);
		z->leaves[i] = (char *)driver_entry(d, z->table[i], 0, 1) - d->mem + d->base;
		z->directory[i] = (char *)driver_entry(d, z->table[i], 0, 2) - d->mem + d->base;
		z->entry[i] = d->mode == DRIVER_LEGACY ? driver_context_entry(d, fuzz_sid[i]) :
							 driver_pasid_entry(d, fuzz_sid[i]);
	}
	driver_use_table(d, SID, DID, z->table[0]);
	driver_use_table(d, SID_2, DID, z->table[1]);
	driver_enable(d);
	if (d->mode == DRIVER_FIRST)
		driver_enable_pages(d, SID, DID);
	z->f.on_read = fuzz_read;
}

/**
 * fuzz_run() - run a program
 * @data: a byte for the kind of tables, and the steps
 * @size: bytes
 */
void fuzz_run(const __u8 *data, size_t size)
{
	static struct fuzz fuzz;
	struct fuzz_step step;
	struct vunit_device *dev;
	size_t i;

	if (!size)
		return;
	fuzz = (struct fuzz) {};
	fuzz_open(&fuzz, data[0]);
	for (i = 0; i < FUZZ_STEPS && 1 + (i + 1) * sizeof(step) <= size; i++) {
		memcpy(&step, data + 1 + i * sizeof(step), sizeof(step));
		fuzz_step(&fuzz, &step);
	}
	fuzz.f.on_read = NULL;
	fuzz.f.host.fail_map = 0;
	fuzz.f.host.fail_alloc = 0;
	fuzz.f.host.fail_attach = 0;
	fuzz.f.host.fail_invalidate = 0;
	vunit_settle_all(fuzz.f.unit);
	for (dev = fuzz.f.unit->devices; dev; dev = dev->next)
		fuzz_compare(&fuzz, dev);
	fixture_close(&fuzz.f);
}
