/* statistics.h
 * What the tree of counts and the table of connections share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPPHASE_STATISTICS_H
#define TCPPHASE_STATISTICS_H

#include "plugin.h"

#include <epan/address.h>

#define STATISTICS_TAP "tcpphase"

/* One segment, for the tap's listeners. */
struct tapped {
    struct tcpphase_verdict verdict;
    address source, destination;
    uint16_t source_port, destination_port;
    /* Once the listeners have it, Wireshark calls every frame visited. */
    bool first_visit;
};

/* statistics.c */

const char *statistics_name(uint32_t table, uint32_t value);

/* A set of connections by number. */
struct connections {
    GArray *seen;
    /* In the order in which they came, those that are told once the listeners draw. */
    GArray *waiting;
};

struct connections *connections_new(void);
void connections_free(struct connections *connections);
void connections_forget(struct connections *connections);
/* Whether the connection is a new one. */
bool connections_add(struct connections *connections, uint32_t connection);
void connections_wait(struct connections *connections, uint32_t value);

/* table.c */

/* Wireshark's number of a segment's stream, as in tcp.stream. */
uint32_t statistics_stream(packet_info *pinfo, const struct tapped *segment);
/* Whether a segment's source, address then port, compares lower than its destination. */
bool statistics_is_lower(const struct tapped *segment);
void table_register(void);
void table_tells_waiting(void);
void table_end_capture(void);

#endif
