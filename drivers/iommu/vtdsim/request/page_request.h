/* SPDX-License-Identifier: GPL-2.0-only */
/* Page requests of endpoints, and software's answers (sections 7.4 to 7.8). */
#ifndef _VTDSIM_PAGE_REQUEST_H
#define _VTDSIM_PAGE_REQUEST_H

#include <linux/types.h>

struct vtdsim_page_request;
struct vtdsim_page_response;
struct vtdsim_unit;

void vtdsim_page_request(struct vtdsim_unit *unit,
			 const struct vtdsim_page_request *req);
void vtdsim_page_respond(struct vtdsim_unit *unit, u16 sid,
			 const struct vtdsim_page_response *resp);
void vtdsim_page_status_update(struct vtdsim_unit *unit);

#endif /* _VTDSIM_PAGE_REQUEST_H */
