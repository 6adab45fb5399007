/* plugin.h
 * What the plugin's files know of each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPPHASE_PLUGIN_H
#define TCPPHASE_PLUGIN_H

#include <wireshark.h>

#include <epan/packet.h>
#include <epan/prefs.h>

#include "tcpphase.h"

/* packet-tcpphase.c */

/* Whether a call has done what it should. A bug of the library's own ends the annotation of the capture, whichever call
 * meets it, and is told once. */
bool capture_goes_on(int32_t result);
/* What is known of a connection; false where nothing is. */
bool capture_summary(uint32_t connection, struct tcpphase_summary *summary);
/* One of TCPPHASE_TEXT_* about it; false where there is none. */
bool capture_text(uint32_t connection, uint32_t text, char *buffer, size_t size);
/* Its row in one of TCPPHASE_ROW_*. */
bool capture_row(const struct tcpphase_row *row, uint32_t format, char *buffer, size_t size);
/* When a frame was captured, in nanoseconds since the epoch, or TCPPHASE_TIME_ABSENT. */
int64_t capture_time(const packet_info *pinfo);
/* Where all connections begin, for g_free(); NULL where nothing is known. */
struct tcpphase_origin *capture_origins(uint32_t *count);

/* fields.c */

void fields_register(int proto);
/* The names of TCPPHASE_TABLE_*. */
const value_string *names_of(uint32_t table);
/* A verdict's subtree. `frame_label` is NULL but for the frame's last segment; `summary` is NULL where nothing is shown of
 * the connection as a whole. */
void fields_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const char *label, const char *frame_label,
                 const struct tcpphase_verdict *verdict, const struct tcpphase_summary *summary);
/* A verdict's notes, at an item, or at none. */
void fields_show_notes(packet_info *pinfo, proto_item *item, const struct tcpphase_verdict *verdict);

/* statistics.c */

void statistics_register(int proto);
extern int statistics_tap;
/* The endpoints of the frame's segment number `place`, while pinfo still has them: for the visit at hand. */
void statistics_note(const packet_info *pinfo, unsigned place, const uint8_t *octets, unsigned captured);
/* How many of the frame's segments were noted. */
extern unsigned statistics_noted;
/* The verdict of a segment that was noted. */
void statistics_segment(packet_info *pinfo, unsigned place, const struct tcpphase_verdict *verdict);
/* A segment is shown: a Conversation Filter can ask for its connection. */
void statistics_shown(packet_info *pinfo, uint32_t connection);
void statistics_end_capture(void);

/* rows.c */

void rows_register(module_t *preferences);

#endif
