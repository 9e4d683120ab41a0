/* SPDX-License-Identifier: GPL-2.0-only */
/* Translation requests of endpoints (section 4.2). */
#ifndef _VTDSIM_TRANSLATION_REQUEST_H
#define _VTDSIM_TRANSLATION_REQUEST_H

struct vtdsim_completion;
struct vtdsim_req;
struct vtdsim_unit;

void vtdsim_ats_translate(struct vtdsim_unit *unit,
			  const struct vtdsim_req *req,
			  struct vtdsim_completion *out);

#endif /* _VTDSIM_TRANSLATION_REQUEST_H */
