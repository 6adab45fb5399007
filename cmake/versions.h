/* versions.h
 * Everything that differs between the versions of Wireshark: 4.0, 4.2, 4.4, 4.6.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPPHASE_VERSIONS_H
#define TCPPHASE_VERSIONS_H

#include <wireshark.h>
#include <ws_version.h>

#define WIRESHARK_BEFORE(major, minor) \
    (WIRESHARK_VERSION_MAJOR < (major) || (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR < (minor)))

#if WIRESHARK_BEFORE(4, 0)
#error "TCP Phase needs Wireshark 4.0 or newer"
#endif

/* A preference, and what a conversation filter returns. */
#if WIRESHARK_BEFORE(4, 4)
typedef gboolean ws_bool;
#else
typedef bool ws_bool;
#endif

/* What a conversation filter is given beside the packet. */
#if WIRESHARK_BEFORE(4, 2)
#define FILTER_DATA
#define FILTER_DATA_NONE
#else
#define FILTER_DATA , void *data _U_
#define FILTER_DATA_NONE , NULL
#endif

/* What begins a statistic of the command line. */
#if WIRESHARK_BEFORE(4, 6)
#define STATISTIC_BEGINS void
#define STATISTIC_HAS_BEGUN
#else
#define STATISTIC_BEGINS bool
#define STATISTIC_HAS_BEGUN true
#endif

/* The value of a field_info. */
#if WIRESHARK_BEFORE(4, 2)
#define VALUE_OF(finfo) (&(finfo)->value)
#else
#define VALUE_OF(finfo) ((finfo)->value)
#endif

/* Decrypted TLS records are kept under 0, or under the number of the TLS layer, from 1. */
#if WIRESHARK_BEFORE(4, 2)
#define TLS_RECORDS_BY_LAYER 0
#else
#define TLS_RECORDS_BY_LAYER 1
#endif

/* What kind of plugin it is, for plugin_describe(). */
#ifdef __has_include
#if __has_include(<wsutil/plugins.h>)
#include <wsutil/plugins.h>
#endif
#endif

#endif
