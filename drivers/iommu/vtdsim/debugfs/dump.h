/* SPDX-License-Identifier: GPL-2.0-only */
/* debugfs: what a unit has cached, and its tables, as text. */
#ifndef _VTDSIM_DUMP_H
#define _VTDSIM_DUMP_H

struct seq_file;
struct vtdsim_cached;
struct vtdsim_unit;

void vtdsim_dump_entry(struct seq_file *s, const struct vtdsim_cached *e);
void vtdsim_dump_tables(struct seq_file *s, struct vtdsim_unit *unit, u16 sid);
void vtdsim_dump_files(struct vtdsim_unit *unit);

#endif /* _VTDSIM_DUMP_H */
