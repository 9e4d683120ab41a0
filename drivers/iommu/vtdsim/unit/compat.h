/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is not the same in all kernels that the model is built for. Nothing else
 * depends on the kernel's version; for its tests see tests/compat.h.
 */
#ifndef _VTDSIM_COMPAT_H
#define _VTDSIM_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/syscore_ops.h>
#include <linux/version.h>

/**
 * vtdsim_timer_setup() - initialize a timer of the monotonic clock
 * @timer: the timer
 * @expired: called when it expires
 * @mode: how it will be started
 */
static inline void vtdsim_timer_setup(struct hrtimer *timer,
				      enum hrtimer_restart (*expired)(struct hrtimer *),
				      enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, expired, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = expired;
#endif
}

/* What a system core operation gets */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define VTDSIM_SYSCORE_DATA	void *data
#else
#define VTDSIM_SYSCORE_DATA	void
#endif

/**
 * struct vtdsim_syscore - system core operations
 * @ops: the operations
 * @syscore: what is registered
 */
struct vtdsim_syscore {
	struct syscore_ops ops;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	struct syscore syscore;
#endif
};

/**
 * vtdsim_syscore_register() - register system core operations
 * @s: the operations; must stay
 */
static inline void vtdsim_syscore_register(struct vtdsim_syscore *s)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	s->syscore.ops = &s->ops;
	register_syscore(&s->syscore);
#else
	register_syscore_ops(&s->ops);
#endif
}

#endif /* _VTDSIM_COMPAT_H */
