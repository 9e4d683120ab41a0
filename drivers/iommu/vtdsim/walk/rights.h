/* SPDX-License-Identifier: GPL-2.0-only */
/* Access rights: does a translation allow a request? */
#ifndef _VTDSIM_RIGHTS_H
#define _VTDSIM_RIGHTS_H

#include <linux/types.h>

struct vtdsim_map;
struct vtdsim_pasid;
struct vtdsim_req;

u8 vtdsim_check_first(const struct vtdsim_req *req,
		      const struct vtdsim_map *map);
u8 vtdsim_check_output(const struct vtdsim_map *map, u64 addr);
u8 vtdsim_check_access(const struct vtdsim_pasid *pe,
		       const struct vtdsim_req *req,
		       const struct vtdsim_map *map);

#endif /* _VTDSIM_RIGHTS_H */
