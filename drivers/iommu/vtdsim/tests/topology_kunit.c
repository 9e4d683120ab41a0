// SPDX-License-Identifier: GPL-2.0-only
/* Tests of what is in front of endpoints: places, and configuration space of ports. */
#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "endpoint/port.h"
#include "endpoint/topology.h"
#include "fixture_endpoint.h"
#include "queue/power.h"

#define RID(bus, slot, fn)	((bus) << 8 | (slot) << 3 | (fn))

/* Three endpoints, two of them functions of one device: where the last two are, and who asks */
static const struct place_case {
	const char *name;
	enum vtdsim_topology topology;
	u16 bdf[2];
	u16 requester[2];
	unsigned int ports;
	u8 last_bus;
	u8 type;
	bool window[2];
} place_cases[] = {
	{ "integrated", VTDSIM_INTEGRATED, { RID(0, 1, 1), RID(0, 2, 0) },
	  { RID(0, 1, 1), RID(0, 2, 0) }, 0, 0, 9 },
	{ "ports", VTDSIM_PORTS, { RID(1, 0, 1), RID(2, 0, 0) },
	  { RID(1, 0, 1), RID(2, 0, 0) }, 2, 2, 0, { false, true } },
	{ "switch", VTDSIM_SWITCH, { RID(3, 0, 1), RID(4, 0, 0) },
	  { RID(3, 0, 1), RID(4, 0, 0) }, 4, 4, 0, { false, true } },
	{ "bridge", VTDSIM_BRIDGE, { RID(1, 0, 1), RID(1, 1, 0) },
	  { RID(1, 0, 0), RID(1, 0, 0) }, 1, 1, 7 },
};

KUNIT_ARRAY_PARAM_DESC(place, place_cases, name);

static void endpoints_are_placed(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	const struct vtdsim_place p = { .topology = c->topology, .functions = 2, .count = 3 };
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, vtdsim_place_fits(&p));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, c->bdf[i], vtdsim_place_bdf(&p, 1 + i));
		KUNIT_EXPECT_EQ(test, c->requester[i], vtdsim_place_requester(&p, 1 + i));
		KUNIT_EXPECT_EQ(test, c->window[i], vtdsim_place_begins_window(&p, 1 + i));
	}
	KUNIT_EXPECT_EQ(test, c->ports, vtdsim_place_ports(&p));
	KUNIT_EXPECT_EQ(test, c->last_bus, vtdsim_place_last_bus(&p));
	KUNIT_EXPECT_EQ(test, c->type, vtdsim_place_type(&p));
}

static void too_many_do_not_fit(struct kunit *test)
{
	struct vtdsim_place p = { .functions = 1, .count = 31 };

	KUNIT_EXPECT_TRUE(test, vtdsim_place_fits(&p));
	p.count = 32;
	KUNIT_EXPECT_FALSE(test, vtdsim_place_fits(&p));
	p.functions = 2;
	KUNIT_EXPECT_TRUE(test, vtdsim_place_fits(&p));
	p.functions = 9;
	KUNIT_EXPECT_FALSE(test, vtdsim_place_fits(&p));
	p = (struct vtdsim_place) { .functions = 1 };
	KUNIT_EXPECT_FALSE(test, vtdsim_place_fits(&p));
}

static void expect_port(struct kunit *test, const struct vtdsim_place *p, unsigned int port,
			struct vtdsim_port_place want)
{
	struct vtdsim_port_place got = vtdsim_place_port(p, port);

	KUNIT_EXPECT_EQ(test, want.type, got.type);
	KUNIT_EXPECT_EQ(test, want.bdf, got.bdf);
	KUNIT_EXPECT_EQ(test, want.secondary, got.secondary);
	KUNIT_EXPECT_EQ(test, want.subordinate, got.subordinate);
	KUNIT_EXPECT_EQ(test, want.first, got.first);
	KUNIT_EXPECT_EQ(test, want.last, got.last);
	KUNIT_EXPECT_EQ(test, want.multifunction, got.multifunction);
}

static void ports_are_placed(struct kunit *test)
{
	struct vtdsim_place p = { .topology = VTDSIM_PORTS, .functions = 2, .count = 19 };

	expect_port(test, &p, 0, (struct vtdsim_port_place) { 4, RID(0, 1, 0), 1, 1, 0, 1, true });
	expect_port(test, &p, 8,
		    (struct vtdsim_port_place) { 4, RID(0, 2, 0), 9, 9, 16, 17, true });
	expect_port(test, &p, 9,
		    (struct vtdsim_port_place) { 4, RID(0, 2, 1), 10, 10, 18, 18, true });
	p.count = 2;
	expect_port(test, &p, 0, (struct vtdsim_port_place) { 4, RID(0, 1, 0), 1, 1, 0, 1, false });

	p = (struct vtdsim_place) { .topology = VTDSIM_SWITCH, .functions = 1, .count = 2 };
	expect_port(test, &p, 0, (struct vtdsim_port_place) { 4, RID(0, 1, 0), 1, 4, 0, 1 });
	expect_port(test, &p, 1, (struct vtdsim_port_place) { 5, RID(1, 0, 0), 2, 4, 0, 1 });
	expect_port(test, &p, 2, (struct vtdsim_port_place) { 6, RID(2, 0, 0), 3, 3, 0, 0 });
	expect_port(test, &p, 3, (struct vtdsim_port_place) { 6, RID(2, 1, 0), 4, 4, 1, 1 });

	p.topology = VTDSIM_BRIDGE;
	expect_port(test, &p, 0, (struct vtdsim_port_place) { 7, RID(0, 1, 0), 1, 1, 0, 1 });
}

static void expect_port_space(struct kunit *test, struct vtdsim_function *fn)
{
	KUNIT_EXPECT_EQ(test, 0x7d521234, vtdsim_function_read(fn, 0x00, 4));
	KUNIT_EXPECT_EQ(test, 0x060400, vtdsim_function_read(fn, 0x08, 4) >> 8);
	KUNIT_EXPECT_EQ(test, 0x81, vtdsim_function_read(fn, 0x0e, 1));
	/* Bus numbers, no I/O, memory, no prefetchable memory */
	KUNIT_EXPECT_EQ(test, 0x00050300, vtdsim_function_read(fn, 0x18, 4));
	KUNIT_EXPECT_EQ(test, 0x00f0, vtdsim_function_read(fn, 0x1c, 2));
	KUNIT_EXPECT_EQ(test, 0x7ff07fe0, vtdsim_function_read(fn, 0x20, 4));
	KUNIT_EXPECT_EQ(test, 0x0000fff0, vtdsim_function_read(fn, 0x24, 4));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, 0x2c, 4));
	/* PCI Express version 2, a root port, with PASID prefixes and a link that is up */
	KUNIT_EXPECT_EQ(test, 0x00420010, vtdsim_function_read(fn, 0x40, 4));
	KUNIT_EXPECT_EQ(test, 0x00600010, vtdsim_function_read(fn, 0x64, 4));
	KUNIT_EXPECT_EQ(test, 0x11, vtdsim_function_read(fn, 0x52, 2));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, CFG_COMMAND, 2));
}

static void port_has_its_space(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_port_place place = {
		.type = PCI_EXP_TYPE_ROOT_PORT, .bdf = RID(0, 1, 2), .secondary = 3,
		.subordinate = 5, .multifunction = true,
	};
	struct vtdsim_port *port = kunit_kzalloc(test, sizeof(*port), GFP_KERNEL);
	struct vtdsim_function *fn;

	KUNIT_ASSERT_NOT_NULL(test, port);
	fn = &port->fn;
	vtdsim_port_init(port, &place, 0x7fe00000, 0x80000000, true);
	vtdsim_requester_add(e->p->unit, &port->requester);
	expect_port_space(test, fn);
	/* ACS, all four that isolate what is behind a port */
	KUNIT_EXPECT_EQ(test, 0x0001000d, vtdsim_function_read(fn, 0x100, 4));
	vtdsim_function_write(fn, 0x104, ~0, 4);
	KUNIT_EXPECT_EQ(test, 0x001d001d, vtdsim_function_read(fn, 0x104, 4));

	/* Nothing moves, and there is no reset. */
	for (u32 at = 0; at < 0x100; at += 4)
		if (at != CFG_COMMAND)
			vtdsim_function_write(fn, at, ~0, 4);
	KUNIT_EXPECT_EQ(test, 0x00050300, vtdsim_function_read(fn, 0x18, 4));
	KUNIT_EXPECT_EQ(test, 0x7ff07fe0, vtdsim_function_read(fn, 0x20, 4));
	KUNIT_EXPECT_EQ(test, 3, vtdsim_function_read(fn, 0x3e, 2));
	vtdsim_function_write(fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, 0x6, vtdsim_function_read(fn, CFG_COMMAND, 2));

	/* Bus numbers are there again after a loss of power. */
	vtdsim_unit_lose_power(e->p->unit);
	expect_port_space(test, fn);
	KUNIT_EXPECT_EQ(test, 0x0000001d, vtdsim_function_read(fn, 0x104, 4));
	vtdsim_requester_remove(e->p->unit, &port->requester);

	memset(port, 0, sizeof(*port));
	vtdsim_port_init(port, &place, 0x7fe00000, 0x80000000, false);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, 0x100, 4));
	memset(port, 0, sizeof(*port));
	place.type = PCI_EXP_TYPE_UPSTREAM;
	vtdsim_port_init(port, &place, 0x7fe00000, 0x80000000, true);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, 0x100, 4));
}

/* An endpoint behind a port has a link; one behind a bridge is no PCI Express device at all. */
static void endpoint_has_its_space(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_function *fn = &e->ep.fn;

	KUNIT_EXPECT_EQ(test, 0x92, vtdsim_function_read(fn, CFG_EXPRESS + 2, 1));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, CFG_EXPRESS + 0x12, 2));
	vtdsim_function_set_place(fn, PCI_EXP_TYPE_ENDPOINT, false, false);
	KUNIT_EXPECT_EQ(test, 0x02, vtdsim_function_read(fn, CFG_EXPRESS + 2, 1));
	KUNIT_EXPECT_EQ(test, 0x11, vtdsim_function_read(fn, CFG_EXPRESS + 0x12, 2));
	KUNIT_EXPECT_NE(test, 0, vtdsim_function_read(fn, CFG_PASID, 4));

	vtdsim_function_set_place(fn, PCI_EXP_TYPE_PCI_BRIDGE, false, false);
	for (u32 at = 0x100; at < 0x1000; at += 4)
		KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, at, 4));
	/* Power management, MSI, and then Advanced Features with their reset */
	KUNIT_EXPECT_EQ(test, 0x05, vtdsim_function_read(fn, CFG_MSI, 1));
	KUNIT_EXPECT_EQ(test, CFG_EXPRESS, vtdsim_function_read(fn, CFG_MSI + 1, 1));
	KUNIT_EXPECT_EQ(test, 0x03060013, vtdsim_function_read(fn, CFG_EXPRESS, 4));
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).atomics);
	vtdsim_function_write(fn, CFG_EXPRESS + 4, 1, 1);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).resetting);
	vtdsim_endpoint_poll(&e->ep);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).resetting);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, CFG_EXPRESS + 4, 1));
	KUNIT_EXPECT_EQ(test, 0x03060013, vtdsim_function_read(fn, CFG_EXPRESS, 4));
}

static struct kunit_case topology_cases[] = {
	KUNIT_CASE_PARAM(endpoints_are_placed, place_gen_params),
	KUNIT_CASE(too_many_do_not_fit),
	KUNIT_CASE(ports_are_placed),
	KUNIT_CASE(port_has_its_space),
	KUNIT_CASE(endpoint_has_its_space),
	{}
};

static struct kunit_suite topology_suite = {
	.name = "vtdsim-topology",
	.init = vtdsim_test_endpoint_init,
	.test_cases = topology_cases,
};

kunit_test_suite(topology_suite);
