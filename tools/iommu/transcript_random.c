// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pseudo-random numbers that a seed determines, and hashes.
 */
#include <string.h>

#include "transcript.h"

#define GOLDEN		0x9e3779b97f4a7c15ULL	/* 2^64 by the golden ratio */
#define HASH_PRIME	0x100000001b3ULL

/**
 * random_next() - the next number of a sequence
 * @r: the sequence
 *
 * A Weyl sequence, its bits mixed by two rounds of multiply and shift.
 *
 * Return: any of 64 bits.
 */
__u64 random_next(struct random *r)
{
	__u64 x = r->state += GOLDEN;

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93ULL;
	x = (x ^ x >> 32) * 0xd6e8feb86659fd93ULL;
	return x ^ x >> 32;
}

/**
 * random_below() - the next number of a sequence, in a range
 * @r: the sequence
 * @limit: not 0
 *
 * Return: 0 to @limit - 1.
 */
__u64 random_below(struct random *r, __u64 limit)
{
	return random_next(r) % limit;
}

/**
 * random_chance() - decide at random
 * @r: the sequence
 * @percent: probability of true
 *
 * Return: the decision.
 */
bool random_chance(struct random *r, unsigned int percent)
{
	return random_below(r, 100) < percent;
}

/**
 * random_case() - choose one of several cases
 * @r: the sequence
 * @weight: relative probability of each case
 * @n: number of cases
 *
 * Return: index of the case.
 */
unsigned int random_case(struct random *r, const unsigned char *weight,
			 unsigned int n)
{
	unsigned int i, sum = 0, x;

	for (i = 0; i < n; i++)
		sum += weight[i];
	x = random_below(r, sum);
	for (i = 0; x >= weight[i]; i++)
		x -= weight[i];
	return i;
}

/**
 * random_bytes() - bytes of a sequence
 * @r: the sequence
 * @p: filled
 * @len: how many
 */
void random_bytes(struct random *r, unsigned char *p, size_t len)
{
	__u64 x;
	size_t n;

	for (; len; p += n, len -= n) {
		x = random_next(r);
		n = len < sizeof(x) ? len : sizeof(x);
		memcpy(p, &x, n);
	}
}

/**
 * hash_bytes() - compute a hash
 * @hash: HASH_START, or the hash of the preceding bytes
 * @p: the bytes
 * @len: how many
 *
 * Return: the hash.
 */
__u64 hash_bytes(__u64 hash, const void *p, size_t len)
{
	const unsigned char *byte = p;
	__u64 x;

	for (; len >= sizeof(x); byte += sizeof(x), len -= sizeof(x)) {
		memcpy(&x, byte, sizeof(x));
		hash = (hash ^ x) * HASH_PRIME;
		hash ^= hash >> 32;
	}
	for (; len; byte++, len--)
		hash = (hash ^ *byte) * HASH_PRIME;
	return hash;
}
