/* plugin.h
 * What the plugin's two files know of each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPPHASE_PLUGIN_H
#define TCPPHASE_PLUGIN_H

#include <wireshark.h>

#include <epan/packet.h>

#include "tcpphase.h"

/* packet-tcpphase.c */

/* What is known of a connection; false where nothing is. */
bool capture_summary(uint32_t connection, struct tcpphase_summary *summary);
/* The names of TCPPHASE_TABLE_*. */
const value_string *names_of(uint32_t table);
extern const value_string tls_versions[];

/* statistics.c */

void statistics_register(int proto);
extern int statistics_tap;
/* A segment of the frame at hand, for those who listen. */
void statistics_segment(packet_info *pinfo, const struct tcpphase_engine *engine, uint32_t place, uint32_t sequence,
                        const uint8_t *octets, unsigned captured);
/* A segment is shown: a Conversation Filter can ask for its connection. */
void statistics_shown(packet_info *pinfo, uint32_t connection);
void statistics_end_capture(void);

#endif
