/* Preloaded by faults.py: in front of the library's functions, one of which fails. FAULT is "FUNCTION RESULT NUMBER": from
 * the frame, or for a summary the connection, of this number on. A segment is refused once. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcpphase.h"

static int fails(const char *function, uint32_t number, int32_t *result)
{
    static char wanted[32];
    static int code;
    static unsigned from;

    if (wanted[0] == '\0' && sscanf(getenv("FAULT"), "%31s %d %u", wanted, &code, &from) != 3) {
        abort();
    }
    *result = code;
    return strcmp(function, wanted) == 0 && number >= from;
}

/* The plugin's library is not among those that RTLD_NEXT looks in. */
static void *library(const char *symbol)
{
    void *handle = dlopen("libtcpphase.so.0", RTLD_LAZY | RTLD_NOLOAD);
    void *found = handle != NULL ? dlsym(handle, symbol) : NULL;

    if (found == NULL) {
        abort();
    }
    return found;
}

#define FUNCTION(name, number, parameters, ...) \
    int32_t tcpphase_##name parameters \
    { \
        int32_t (*function) parameters; \
        int32_t result; \
        *(void **)&function = library("tcpphase_" #name); \
        return fails(#name, number, &result) ? result : function(__VA_ARGS__); \
    }

int32_t tcpphase_engine_segment(struct tcpphase_engine *engine, const struct tcpphase_segment *segment, uint32_t *notes)
{
    int32_t (*function)(struct tcpphase_engine *, const struct tcpphase_segment *, uint32_t *);
    static int refused;
    int32_t result;

    *(void **)&function = library("tcpphase_engine_segment");
    if (!refused && fails("engine_segment", segment->frame, &result)) {
        refused = 1;
        return result;
    }
    return function(engine, segment, notes);
}

FUNCTION(engine_verdict, frame,
         (const struct tcpphase_engine *engine, uint32_t frame, uint32_t index, uint32_t sequence, struct tcpphase_verdict *verdict),
         engine, frame, index, sequence, verdict)
FUNCTION(engine_summary, connection,
         (const struct tcpphase_engine *engine, uint32_t connection, struct tcpphase_summary *summary),
         engine, connection, summary)
FUNCTION(label, verdict->frame, (const struct tcpphase_verdict *verdict, char *buffer, size_t size), verdict, buffer, size)
FUNCTION(note_text, verdict->frame,
         (const struct tcpphase_verdict *verdict, uint32_t note, char *buffer, size_t size),
         verdict, note, buffer, size)
