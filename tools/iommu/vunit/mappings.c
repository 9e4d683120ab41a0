// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is mapped in an IO address space: a balanced tree of intervals.
 *
 * The tree is that of A. Andersson, "Balanced search trees made simple" (1993). The levels
 * of a node's children: left is one below, right is one below or equal, and the right
 * child of the right child is below.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "mappings.h"

#define LOW_BITS	4095ULL

/**
 * struct vunit_node - a mapping in the tree
 * @left: mappings before it
 * @right: mappings after it
 * @start_level: first address, and the level in the bits below 4 KiB
 * @last: last address
 * @gpa_rights: guest physical address, and the rights in the bits below 4 KiB
 */
struct vunit_node {
	struct vunit_node *left;
	struct vunit_node *right;
	__u64 start_level;
	__u64 last;
	__u64 gpa_rights;
};

static __u64 node_start(const struct vunit_node *node)
{
	return node->start_level & ~LOW_BITS;
}

static unsigned int node_level(const struct vunit_node *node)
{
	return node ? node->start_level & LOW_BITS : 0;
}

static void node_set_level(struct vunit_node *node, unsigned int level)
{
	node->start_level = node_start(node) | level;
}

static void node_copy_mapping(struct vunit_node *to, const struct vunit_node *from)
{
	to->start_level = node_start(from) | node_level(to);
	to->last = from->last;
	to->gpa_rights = from->gpa_rights;
}

/* Rotate right, if the left child is on the node's level. */
static struct vunit_node *node_skew(struct vunit_node *node)
{
	struct vunit_node *left;

	if (!node || !node->left || node_level(node->left) != node_level(node))
		return node;
	left = node->left;
	node->left = left->right;
	left->right = node;
	return left;
}

/* Rotate left, if two right children in a row are on the node's level. */
static struct vunit_node *node_split(struct vunit_node *node)
{
	struct vunit_node *right;

	if (!node || !node->right || node_level(node->right->right) != node_level(node))
		return node;
	right = node->right;
	node->right = right->left;
	right->left = node;
	node_set_level(right, node_level(right) + 1);
	return right;
}

static struct vunit_node *node_insert(struct vunit_node *node, struct vunit_node *new)
{
	if (!node)
		return new;
	if (node_start(new) < node_start(node))
		node->left = node_insert(node->left, new);
	else
		node->right = node_insert(node->right, new);
	return node_split(node_skew(node));
}

/* A child was removed: lower the level where it must be, and balance below. */
static struct vunit_node *node_rebalance(struct vunit_node *node)
{
	unsigned int left = node_level(node->left), right = node_level(node->right);
	unsigned int level = (left < right ? left : right) + 1;

	if (level < node_level(node)) {
		node_set_level(node, level);
		if (level < right)
			node_set_level(node->right, level);
	}
	node = node_skew(node);
	node->right = node_skew(node->right);
	if (node->right)
		node->right->right = node_skew(node->right->right);
	node = node_split(node);
	node->right = node_split(node->right);
	return node;
}

static struct vunit_node *node_remove(struct vunit_node *node, __u64 start)
{
	struct vunit_node *heir;

	if (!node)
		return NULL;
	if (start < node_start(node)) {
		node->left = node_remove(node->left, start);
	} else if (start > node_start(node)) {
		node->right = node_remove(node->right, start);
	} else if (!node->left && !node->right) {
		free(node);
		return NULL;
	} else if (!node->left) {
		for (heir = node->right; heir->left; heir = heir->left)
			;
		node_copy_mapping(node, heir);
		node->right = node_remove(node->right, node_start(heir));
	} else {
		for (heir = node->left; heir->right; heir = heir->right)
			;
		node_copy_mapping(node, heir);
		node->left = node_remove(node->left, node_start(heir));
	}
	return node_rebalance(node);
}

/**
 * vunit_mappings_add() - add a mapping
 * @maps: mappings
 * @m: the mapping, which overlaps none that is there. Its addresses are those of whole
 *	pages of 4 KiB
 *
 * Return: 0 or -ENOMEM.
 */
int vunit_mappings_add(struct vunit_mappings *maps, const struct vunit_mapping *m)
{
	struct vunit_node *node = malloc(sizeof(*node));

	if (!node)
		return -ENOMEM;
	*node = (struct vunit_node) {
		.start_level = m->start | 1,
		.last = m->last,
		.gpa_rights = m->gpa | m->rights,
	};
	maps->root = node_insert(maps->root, node);
	maps->num++;
	return 0;
}

/**
 * vunit_mappings_remove() - remove a mapping
 * @maps: mappings
 * @start: its first address; it is there
 */
void vunit_mappings_remove(struct vunit_mappings *maps, __u64 start)
{
	maps->root = node_remove(maps->root, start);
	maps->num--;
}

/**
 * vunit_mappings_next() - the mapping that an address is in, or the next one after it
 * @maps: mappings
 * @addr: address
 * @m: filled
 *
 * Return: false if there is none.
 */
bool vunit_mappings_next(const struct vunit_mappings *maps, __u64 addr,
			 struct vunit_mapping *m)
{
	const struct vunit_node *node = maps->root, *found = NULL;

	while (node) {
		if (node->last < addr) {
			node = node->right;
			continue;
		}
		found = node;
		node = node->left;
	}
	if (!found)
		return false;
	*m = (struct vunit_mapping) {
		.start = node_start(found),
		.last = found->last,
		.gpa = found->gpa_rights & ~LOW_BITS,
		.rights = found->gpa_rights & LOW_BITS,
	};
	return true;
}

static void node_free(struct vunit_node *node)
{
	if (!node)
		return;
	node_free(node->left);
	node_free(node->right);
	free(node);
}

/**
 * vunit_mappings_clear() - remove all mappings
 * @maps: mappings
 */
void vunit_mappings_clear(struct vunit_mappings *maps)
{
	node_free(maps->root);
	*maps = (struct vunit_mappings) {};
}

/* Counts the nodes; -1 if something is wrong with them. */
static long node_check(const struct vunit_node *node, __u64 *end)
{
	long left, right;

	if (!node)
		return 0;
	if (node_level(node->left) + 1 != node_level(node) ||
	    node_level(node->right) > node_level(node) ||
	    node_level(node->right) + 1 < node_level(node) ||
	    (node->right && node_level(node->right->right) >= node_level(node)))
		return -1;
	left = node_check(node->left, end);
	if (left < 0 || node_start(node) < *end || node->last < node_start(node))
		return -1;
	*end = node->last + 1;
	right = node_check(node->right, end);
	return right < 0 ? -1 : left + 1 + right;
}

/**
 * vunit_mappings_valid() - is the tree balanced and in order? For tests.
 * @maps: mappings
 *
 * Return: true if so.
 */
bool vunit_mappings_valid(const struct vunit_mappings *maps)
{
	__u64 end = 0;

	return node_check(maps->root, &end) == (long)maps->num;
}
