/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes JSON to the standard output. Keys are NULL in arrays and at the top.
 */
#ifndef _VTDCTL_JSON_H
#define _VTDCTL_JSON_H

void json_begin_object(const char *key);
void json_end_object(void);
void json_begin_array(const char *key);
void json_end_array(void);
void json_string(const char *key, const char *value);
void json_number(const char *key, unsigned long long value);
void json_hex(const char *key, unsigned long long value);
void json_bool(const char *key, int value);

#endif /* _VTDCTL_JSON_H */
