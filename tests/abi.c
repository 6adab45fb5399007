/*
 * Calls every function of tcpphase.h, rightly and wrongly, and checks each answer.
 *
 *   abi           the checks of a library as shipped
 *   abi panic     those of one with the feature test-panic
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tcpphase.h>

static int failures;

#define CHECK(condition, ...)                                  \
    do {                                                       \
        if (!(condition)) {                                    \
            failures++;                                        \
            fprintf(stderr, "abi.c:%d: ", __LINE__);           \
            fprintf(stderr, __VA_ARGS__);                      \
            fprintf(stderr, " (%s)\n", #condition);            \
        }                                                      \
    } while (0)

#define RESULT(expected, call) check_result(__LINE__, #call, (expected), (call))

static void check_result(int line, const char *call, int32_t expected, int32_t result)
{
    if (result != expected) {
        failures++;
        fprintf(stderr, "abi.c:%d: %s: \"%s\" instead of \"%s\"\n", line, call, tcpphase_result_text(result),
                tcpphase_result_text(expected));
    }
}

/* Exact in size, so that a checker sees an octet too much. */
static void *copy(const void *from, size_t size)
{
    void *to = malloc(size);
    if (to == NULL) {
        perror("malloc");
        exit(2);
    }
    return memcpy(to, from, size);
}

enum { FIN = 1, SYN = 2, ACK = 16 };

#define HEADER 20

/* A header from port 40000 to port 80 or back, as on the wire. */
static void put_header(uint8_t *octets, bool back, uint32_t sequence, uint32_t acknowledgment, uint8_t control)
{
    const uint8_t header[HEADER] = {
        back ? 0 : 0x9c, back ? 80 : 0x40, back ? 0x9c : 0, back ? 0x40 : 80,
        (uint8_t)(sequence >> 24), (uint8_t)(sequence >> 16), (uint8_t)(sequence >> 8), (uint8_t)sequence,
        (uint8_t)(acknowledgment >> 24), (uint8_t)(acknowledgment >> 16), (uint8_t)(acknowledgment >> 8),
        (uint8_t)acknowledgment,
        HEADER / 4 << 4, control, 0xff, 0xff, 0, 0, 0, 0,
    };
    memcpy(octets, header, sizeof header);
}

static const uint8_t CLIENT[4] = {192, 0, 2, 1};
static const uint8_t SERVER[4] = {192, 0, 2, 2};

static struct tcpphase_segment segment_of(uint32_t frame, bool back, const uint8_t *octets, uint32_t length)
{
    struct tcpphase_segment segment = {
        .struct_size = sizeof segment,
        .frame = frame,
        .time = INT64_C(1700000000000000000) + (int64_t)frame * 1000000,
        .source = back ? SERVER : CLIENT,
        .destination = back ? CLIENT : SERVER,
        .address_length = sizeof CLIENT,
        .identification = TCPPHASE_IDENTIFICATION_NONE,
        .octets = octets,
        .captured_length = length,
        .reported_length = length,
    };
    return segment;
}

static struct tcpphase_engine *new_engine(void)
{
    struct tcpphase_engine *engine = NULL;
    RESULT(TCPPHASE_OK, tcpphase_engine_new(&engine));
    CHECK(engine != NULL, "no engine");
    return engine;
}

static const uint32_t NOTES_UNTOUCHED = 0xa5a5a5a5;

/* Gives a segment without payload, from octets that are gone afterwards. */
static int32_t give(struct tcpphase_engine *engine, uint32_t frame, bool back, uint32_t sequence,
                    uint32_t acknowledgment, uint8_t control)
{
    uint8_t header[HEADER];
    put_header(header, back, sequence, acknowledgment, control);
    uint8_t *octets = copy(header, sizeof header);
    struct tcpphase_segment segment = segment_of(frame, back, octets, HEADER);
    uint32_t notes = NOTES_UNTOUCHED;
    int32_t result = tcpphase_engine_segment(engine, &segment, &notes);
    CHECK((notes == NOTES_UNTOUCHED) == (result != TCPPHASE_OK), "notes are written on success only");
    free(octets);
    return result;
}

static struct tcpphase_verdict verdict_of(const struct tcpphase_engine *engine, uint32_t frame, uint32_t sequence)
{
    struct tcpphase_verdict verdict = {.struct_size = sizeof verdict};
    RESULT(TCPPHASE_OK, tcpphase_engine_verdict(engine, frame, 0, sequence, &verdict));
    return verdict;
}

/* The name of a number, NULL without one. */
static const char *name_of(uint32_t table, uint32_t value)
{
    uint32_t found;
    const char *name;
    for (uint32_t index = 0; tcpphase_name(table, index, &found, &name) == TCPPHASE_OK; index++)
        if (found == value)
            return name;
    return NULL;
}

static void check_name(uint32_t table, uint32_t value, const char *expected)
{
    const char *name = name_of(table, value);
    CHECK(name != NULL && strcmp(name, expected) == 0, "table %u, value %u: %s instead of %s", (unsigned)table,
          (unsigned)value, name == NULL ? "nothing" : name, expected);
}

static bool whole_characters(const char *text)
{
    for (const unsigned char *octet = (const unsigned char *)text; *octet != 0;) {
        int more = *octet < 0x80 ? 0 : *octet >= 0xf0 ? 3 : *octet >= 0xe0 ? 2 : *octet >= 0xc0 ? 1 : -1;
        if (more < 0)
            return false;
        for (octet++; more > 0; more--, octet++)
            if ((*octet & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static void check_versions(void)
{
    CHECK(tcpphase_abi_version() == TCPPHASE_ABI_VERSION, "library %u, header %u", (unsigned)tcpphase_abi_version(),
          (unsigned)TCPPHASE_ABI_VERSION);
    unsigned major, minor, patch;
    CHECK(sscanf(tcpphase_version(), "%u.%u.%u", &major, &minor, &patch) == 3, "version %s", tcpphase_version());
}

static void check_result_texts(void)
{
    for (int32_t result = TCPPHASE_OK; result <= TCPPHASE_POISONED; result++)
        for (int32_t other = TCPPHASE_OK; other <= TCPPHASE_POISONED + 1; other++)
            CHECK((strcmp(tcpphase_result_text(result), tcpphase_result_text(other)) == 0) == (result == other),
                  "results %d and %d", (int)result, (int)other);
    const int32_t strange[] = {-1, TCPPHASE_POISONED + 1, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        CHECK(tcpphase_result_text(strange[i])[0] != 0, "result %d", (int)strange[i]);
}

/* A field by its name. */
static struct tcpphase_field field_named(const char *name)
{
    struct tcpphase_field field = { .struct_size = sizeof field };
    for (uint32_t i = 0; tcpphase_field(i, &field) == TCPPHASE_OK; i++)
        if (strcmp(field.name, name) == 0)
            return field;
    CHECK(0, "no field %s", name);
    return field;
}

static void check_fields(void)
{
    struct tcpphase_field field = { .struct_size = sizeof field, .title = "untouched" };
    uint32_t count = 0;
    for (; tcpphase_field(count, &field) == TCPPHASE_OK; count++)
        CHECK(whole_characters(field.name) && whole_characters(field.title) && whole_characters(field.description)
                  && field.name[0] != 0 && field.title[0] != 0,
              "field %u", (unsigned)count);
    CHECK(count > 80, "%u fields", (unsigned)count);
    field.title = "untouched";
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_field(UINT32_MAX, &field));
    CHECK(strcmp(field.title, "untouched") == 0, "written although not found");
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_field(0, NULL));
    field.struct_size = 8;
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_field(0, &field));

    field = field_named("conn.ended");
    CHECK(field.kind == TCPPHASE_KIND_NAME && field.table == TCPPHASE_TABLE_ENDED && field.of == TCPPHASE_OF_SUMMARY
              && field.group == TCPPHASE_GROUP_CONNECTION && field.is_hindsight
              && field.offset == offsetof(struct tcpphase_summary, ended) && field.size == 1,
          "conn.ended");
    field = field_named("http.message");
    CHECK(field.kind == TCPPHASE_KIND_NUMBER && field.of == TCPPHASE_OF_VERDICT && !field.is_hindsight && field.absent == 0
              && field.offset == offsetof(struct tcpphase_verdict, http_message) && field.size == 4 && field.count == 16,
          "http.message");
    field = field_named("note.keepalive_reset");
    CHECK(field.kind == TCPPHASE_KIND_NOTE && field.mask == TCPPHASE_NOTE_KEEPALIVE_RESET
              && field.severity == TCPPHASE_SEVERITY_WARN && field.offset == offsetof(struct tcpphase_verdict, notes),
          "note.keepalive_reset");
}

static void check_rows(void)
{
    char text[16384];
    struct tcpphase_row row = { .struct_size = sizeof row, .sender_address = "a", .receiver_address = "b" };
    struct tcpphase_engine *engine = NULL;
    RESULT(TCPPHASE_OK, tcpphase_row_heading(TCPPHASE_ROW_CSV, text, sizeof text));
    CHECK(strncmp(text, "connection,stream,start,", 24) == 0, "%s", text);
    RESULT(TCPPHASE_OK, tcpphase_row_heading(TCPPHASE_ROW_JSON, text, sizeof text));
    CHECK(text[0] == 0, "%s", text);
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_row_heading(TCPPHASE_ROW_CSV, text, 10));
    RESULT(TCPPHASE_BAD_VALUE, tcpphase_row_heading(4, text, sizeof text));
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_row_schema(text, 100));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_row_schema(NULL, 100));
    RESULT(TCPPHASE_OK, tcpphase_engine_new(&engine));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_row(engine, &row, TCPPHASE_ROW_JSON, text, sizeof text));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_text(engine, 0, TCPPHASE_TEXT_TLS, text, sizeof text));
    row.sender_address = NULL;
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_row(engine, &row, TCPPHASE_ROW_JSON, text, sizeof text));
    tcpphase_engine_free(engine);
}

static void check_names(void)
{
    uint32_t value = 77;
    const char *name = "untouched";
    for (uint32_t table = TCPPHASE_TABLE_PHASE; table <= TCPPHASE_TABLE_LAST; table++) {
        uint32_t count = 0, last = 0;
        for (; tcpphase_name(table, count, &value, &name) == TCPPHASE_OK; count++) {
            CHECK(name != NULL && name[0] != 0 && whole_characters(name), "table %u, entry %u", (unsigned)table,
                  (unsigned)count);
            CHECK(count == 0 || value > last, "table %u: %u after %u", (unsigned)table, (unsigned)value,
                  (unsigned)last);
            CHECK(value < (table == TCPPHASE_TABLE_NOTE ? 32u : table == TCPPHASE_TABLE_TLS_VERSION ? 65536u : 255u), "table %u, value %u", (unsigned)table,
                  (unsigned)value);
            last = value;
        }
        CHECK(count > 1, "table %u has %u entries", (unsigned)table, (unsigned)count);
        value = 77;
        name = "untouched";
        RESULT(TCPPHASE_NOT_FOUND, tcpphase_name(table, count, &value, &name));
        RESULT(TCPPHASE_NOT_FOUND, tcpphase_name(table, UINT32_MAX, &value, &name));
        CHECK(value == 77 && strcmp(name, "untouched") == 0, "written although not found");
        RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_name(table, 0, NULL, &name));
        RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_name(table, 0, &value, NULL));
        CHECK(value == 77 && strcmp(name, "untouched") == 0, "written although the other is NULL");
    }
    RESULT(TCPPHASE_BAD_VALUE, tcpphase_name(0, 0, &value, &name));
    RESULT(TCPPHASE_BAD_VALUE, tcpphase_name(TCPPHASE_TABLE_LAST + 1, 0, &value, &name));
    RESULT(TCPPHASE_BAD_VALUE, tcpphase_name(UINT32_MAX, 0, &value, &name));

    /* One of each, so that no table has another's number. */
    check_name(TCPPHASE_TABLE_PHASE, 4, "Keep-alive");
    check_name(TCPPHASE_TABLE_STEP, 3, "Handshake ACK");
    check_name(TCPPHASE_TABLE_SENDER, 2, "Server");
    check_name(TCPPHASE_TABLE_BASIS, 4, "HTTP message");
    check_name(TCPPHASE_TABLE_KEEPALIVE_STATUS, 2, "Answered by ACK");
    check_name(TCPPHASE_TABLE_LAYER, 3, "HTTP/2");
    check_name(TCPPHASE_TABLE_CONTEXT, 2, "Waiting for response");
    check_name(TCPPHASE_TABLE_KEEPALIVE_VERDICT, 3, "path dead");
    check_name(TCPPHASE_TABLE_INITIATOR, 4, "Nobody");
    check_name(TCPPHASE_TABLE_OPENED, 4, "Midway");
    check_name(TCPPHASE_TABLE_ENDED, 3, "Graceful");
    check_name(TCPPHASE_TABLE_NOT_KEEPALIVE, 3, "a stale ACK");
    check_name(TCPPHASE_TABLE_NOTE, 10, "keepalive_reset");
    CHECK(TCPPHASE_NOTE_KEEPALIVE_RESET == 1 << 10, "a note's bit");
    check_name(TCPPHASE_TABLE_HTTP_METHOD, 3, "POST");
    check_name(TCPPHASE_TABLE_TLS_CAUSE, 1, "an alert");
    check_name(TCPPHASE_TABLE_HTTP_FRAMING, 2, "Content-Length with different values");
}

/* Opened, closed, and looked at from its end. */
static void check_connection(void)
{
    struct tcpphase_engine *engine = new_engine();
    const uint32_t client = 0xfffffffe, server = 1000; /* the client's numbers pass 2^32 */
    RESULT(TCPPHASE_OK, give(engine, 1, false, client, 0, SYN));
    RESULT(TCPPHASE_OK, give(engine, 2, true, server, client + 1, SYN | ACK));
    RESULT(TCPPHASE_OK, give(engine, 3, false, client + 1, server + 1, ACK));
    RESULT(TCPPHASE_OK, give(engine, 4, false, client + 1, server + 1, FIN | ACK));
    RESULT(TCPPHASE_OK, give(engine, 5, true, server + 1, client + 2, FIN | ACK));
    RESULT(TCPPHASE_OK, give(engine, 6, false, client + 2, server + 2, ACK));

    const struct {
        uint32_t sequence;
        const char *phase, *sender;
    } expected[] = {
        {client, "TCP handshake", "Client"},     {server, "TCP handshake", "Server"},
        {client + 1, "TCP handshake", "Client"}, {client + 1, "Close", "Client"},
        {server + 1, "Close", "Server"},         {client + 2, "Close", "Client"},
    };
    uint32_t connection = TCPPHASE_CONNECTION_NONE;
    for (uint32_t frame = 1; frame <= 6; frame++) {
        struct tcpphase_verdict verdict = verdict_of(engine, frame, expected[frame - 1].sequence);
        CHECK(verdict.struct_size == sizeof verdict, "struct_size is the caller's");
        CHECK(verdict.frame == frame, "frame %u", (unsigned)verdict.frame);
        CHECK(verdict.sequence == expected[frame - 1].sequence, "frame %u: sequence %u", (unsigned)frame,
              (unsigned)verdict.sequence);
        CHECK(verdict.connection != TCPPHASE_CONNECTION_NONE, "frame %u has no connection", (unsigned)frame);
        CHECK(frame == 1 || verdict.connection == connection, "frame %u: another connection", (unsigned)frame);
        connection = verdict.connection;
        check_name(TCPPHASE_TABLE_PHASE, verdict.phase, expected[frame - 1].phase);
        check_name(TCPPHASE_TABLE_SENDER, verdict.sender, expected[frame - 1].sender);
        CHECK(verdict.step_count >= 1 && verdict.step_count <= TCPPHASE_STEPS_MAXIMUM, "frame %u: %u steps",
              (unsigned)frame, (unsigned)verdict.step_count);
        for (unsigned i = 0; i < TCPPHASE_STEPS_MAXIMUM; i++)
            if (i < verdict.step_count)
                CHECK(name_of(TCPPHASE_TABLE_STEP, verdict.steps[i]) != NULL, "step %u", (unsigned)verdict.steps[i]);
            else
                CHECK(verdict.steps[i] == 0, "an unused step is 0");
        CHECK((verdict.close_initiator == TCPPHASE_INITIATOR_NONE) == (frame < 4), "frame %u: initiator %u",
              (unsigned)frame, (unsigned)verdict.close_initiator);
        char label[200];
        RESULT(TCPPHASE_OK, tcpphase_label(&verdict, label, sizeof label));
        CHECK(strncmp(label, expected[frame - 1].phase, strlen(expected[frame - 1].phase)) == 0, "label %s", label);
    }
    CHECK(verdict_of(engine, 3, client + 1).handshake_time == 2000000, "time of the handshake");

    struct tcpphase_summary summary = {.struct_size = sizeof summary};
    RESULT(TCPPHASE_OK, tcpphase_engine_summary(engine, connection, &summary));
    CHECK(summary.struct_size == sizeof summary, "struct_size is the caller's");
    check_name(TCPPHASE_TABLE_OPENED, summary.opened, "Handshake");
    check_name(TCPPHASE_TABLE_ENDED, summary.ended, "Graceful");
    check_name(TCPPHASE_TABLE_INITIATOR, summary.closed_by, "Client");
    CHECK(summary.reset_by == TCPPHASE_INITIATOR_NONE, "reset by %u", (unsigned)summary.reset_by);
    CHECK(summary.one_direction == 0 && summary.keepalives == 0 && summary.keepalive_verdict == 0, "summary");
    CHECK(summary.syn_attempts == 1, "%u SYNs", (unsigned)summary.syn_attempts);
    CHECK(summary.client_side == 1, "client %u", (unsigned)summary.client_side);
    CHECK(summary.tls_version == 0 && summary.tls_resumed == 0 && summary.above_layer == 0, "nothing above");
    CHECK(summary.http_timeout == TCPPHASE_TIME_ABSENT && summary.slowest_response == TCPPHASE_TIME_ABSENT, "no HTTP");
    for (size_t prober = 0; prober < TCPPHASE_PROBERS; prober++) {
        CHECK(summary.probe_idle[prober] == TCPPHASE_TIME_ABSENT && summary.probe_unanswered_max[prober] == 0, "no probes");
    }
    CHECK(summary.duration == 5000000 && summary.setup_time == 2000000, "times of the connection");

    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_summary(engine, connection + 1, &summary));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_summary(engine, TCPPHASE_CONNECTION_NONE, &summary));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_summary(NULL, connection, &summary));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_summary(engine, connection, NULL));
    tcpphase_engine_free(engine);
}

static void check_address(const uint8_t *octets, const uint8_t *expected)
{
    static const uint8_t nothing[TCPPHASE_ADDRESS_MAXIMUM];
    CHECK(memcmp(octets, expected, sizeof CLIENT) == 0, "another address");
    CHECK(memcmp(octets + sizeof CLIENT, nothing, sizeof nothing - sizeof CLIENT) == 0, "the rest of an address is 0");
}

/* Where connections begin: two on the same addresses and ports, the second by the other side. */
static void check_origins(void)
{
    struct tcpphase_engine *engine = new_engine();
    uint32_t connections = 77;
    RESULT(TCPPHASE_OK, tcpphase_engine_origins(engine, NULL, 0, &connections));
    CHECK(connections == 0, "%u connections", (unsigned)connections);
    RESULT(TCPPHASE_OK, give(engine, 3, false, 100, 0, SYN));
    RESULT(TCPPHASE_OK, give(engine, 5, true, 200, 101, SYN | ACK));
    RESULT(TCPPHASE_OK, give(engine, 6, false, 101, 201, ACK));
    RESULT(TCPPHASE_OK, give(engine, 7, false, 101, 201, FIN | ACK));
    RESULT(TCPPHASE_OK, give(engine, 8, true, 201, 102, FIN | ACK));
    RESULT(TCPPHASE_OK, give(engine, 9, false, 102, 202, ACK));
    RESULT(TCPPHASE_OK, give(engine, 11, true, 500000, 0, SYN));
    RESULT(TCPPHASE_OK, tcpphase_engine_origins(engine, NULL, 0, &connections));
    CHECK(connections == 2, "%u connections", (unsigned)connections);

    /* Fewer than there are, and more; elements of a later version. */
    const struct {
        struct tcpphase_origin now;
        uint64_t later;
    } blank = {{.struct_size = sizeof blank}, UINT64_MAX};
    for (uint32_t count = 1; count <= 3; count++) {
        uint8_t *octets = malloc(count * sizeof blank);
        if (octets == NULL)
            exit(2);
        for (uint32_t i = 0; i < count; i++)
            memcpy(octets + i * sizeof blank, &blank, sizeof blank);
        connections = 77;
        RESULT(TCPPHASE_OK,
               tcpphase_engine_origins(engine, (struct tcpphase_origin *)(void *)octets, count, &connections));
        CHECK(connections == 2, "%u connections", (unsigned)connections);
        for (uint32_t i = 0; i < count; i++) {
            struct tcpphase_origin origin;
            uint8_t later[sizeof blank - sizeof origin];
            memcpy(&origin, octets + i * sizeof blank, sizeof origin);
            memcpy(later, octets + i * sizeof blank + sizeof origin, sizeof later);
            CHECK(memcmp(later, &blank.later, sizeof later) == 0, "written past the known part");
            CHECK(origin.struct_size == sizeof blank, "struct_size is the caller's");
            if (i == 2) {
                CHECK(memcmp(&origin, &blank.now, sizeof origin) == 0, "written without a connection");
                continue;
            }
            CHECK(origin.frame == (i == 0 ? 3 : 11), "frame %u", (unsigned)origin.frame);
            CHECK(origin.address_length == sizeof CLIENT, "length %u", (unsigned)origin.address_length);
            check_address(origin.source, i == 0 ? CLIENT : SERVER);
            check_address(origin.destination, i == 0 ? SERVER : CLIENT);
            CHECK(origin.source_port == (i == 0 ? 40000 : 80), "port %u", (unsigned)origin.source_port);
            CHECK(origin.destination_port == (i == 0 ? 80 : 40000), "port %u", (unsigned)origin.destination_port);
        }
        free(octets);
    }

    connections = 77;
    struct tcpphase_origin origins[2] = {{.struct_size = sizeof *origins}, {.struct_size = sizeof *origins + 8}};
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_engine_origins(engine, origins, 2, &connections));
    CHECK(origins[0].frame == 0, "written although the second is of another size");
    const size_t sizes[] = {0, 1, sizeof *origins - 1, sizeof *origins + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        origins[0].struct_size = sizes[i];
        RESULT(TCPPHASE_BAD_SIZE, tcpphase_engine_origins(engine, origins, 1, &connections));
    }
    origins[0].struct_size = sizeof *origins;
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_origins(NULL, origins, 1, &connections));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_origins(engine, NULL, 1, &connections));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_origins(engine, origins, 1, NULL));
    CHECK(connections == 77 && origins[0].frame == 0, "written without success");
    tcpphase_engine_free(engine);
}

/* Several segments in a frame, and frames that nobody gave. */
static void check_places(void)
{
    struct tcpphase_engine *engine = new_engine();
    RESULT(TCPPHASE_OK, give(engine, 5, false, 100, 0, SYN));
    RESULT(TCPPHASE_OK, give(engine, 5, true, 200, 101, SYN | ACK));

    struct tcpphase_verdict verdict = {.struct_size = sizeof verdict};
    RESULT(TCPPHASE_OK, tcpphase_engine_verdict(engine, 5, 1, 200, &verdict));
    CHECK(verdict.sequence == 200, "sequence %u", (unsigned)verdict.sequence);
    RESULT(TCPPHASE_OK, tcpphase_engine_verdict(engine, 5, 0, 100, &verdict));
    CHECK(verdict.sequence == 100, "sequence %u", (unsigned)verdict.sequence);

    const struct tcpphase_verdict before = verdict;
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, 5, 1, 100, &verdict));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, 5, 2, 100, &verdict));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, 5, UINT32_MAX, 100, &verdict));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, 4, 0, 100, &verdict));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, 0, 0, 100, &verdict));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, UINT32_MAX, UINT32_MAX, 100, &verdict));
    CHECK(memcmp(&verdict, &before, sizeof verdict) == 0, "written although not found");

    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_verdict(NULL, 5, 0, 100, &verdict));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_verdict(engine, 5, 0, 100, NULL));
    tcpphase_engine_free(engine);
}

/* Refused segments leave no trace; strange ones are labelled. */
static void check_segments(void)
{
    struct tcpphase_engine *engine = new_engine();
    uint8_t octets[HEADER];
    put_header(octets, false, 100, 0, SYN);
    const struct tcpphase_segment good = segment_of(9, false, octets, HEADER);
    uint32_t notes = NOTES_UNTOUCHED;

    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_segment(NULL, &good, &notes));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_segment(engine, NULL, &notes));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_segment(engine, &good, NULL));

#define REFUSED(expected, change)                                                \
    do {                                                                         \
        struct tcpphase_segment segment = good;                                  \
        segment.change;                                                          \
        RESULT(expected, tcpphase_engine_segment(engine, &segment, &notes));     \
    } while (0)
    REFUSED(TCPPHASE_BAD_SIZE, struct_size = 0);
    REFUSED(TCPPHASE_BAD_SIZE, struct_size = sizeof good - 1);
    REFUSED(TCPPHASE_BAD_VALUE, frame = 0);
    REFUSED(TCPPHASE_BAD_VALUE, flags = 4);
    REFUSED(TCPPHASE_BAD_VALUE, flags = 0x80000000);
    REFUSED(TCPPHASE_BAD_VALUE, address_length = TCPPHASE_ADDRESS_MAXIMUM + 1);
    REFUSED(TCPPHASE_BAD_VALUE, address_length = UINT32_MAX);
    REFUSED(TCPPHASE_BAD_VALUE, identification = 0x10000);
    REFUSED(TCPPHASE_BAD_VALUE, reported_length = HEADER - 1);
    REFUSED(TCPPHASE_NULL_ARGUMENT, source = NULL);
    REFUSED(TCPPHASE_NULL_ARGUMENT, destination = NULL);
    REFUSED(TCPPHASE_NULL_ARGUMENT, octets = NULL);
#undef REFUSED

    /* Only its size is there. */
    const size_t size = sizeof size;
    void *stump = copy(&size, sizeof size);
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_engine_segment(engine, stump, &notes));
    free(stump);

    CHECK(notes == NOTES_UNTOUCHED, "notes of a refused segment");
    struct tcpphase_verdict verdict = {.struct_size = sizeof verdict};
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, 9, 0, 100, &verdict));

    /* Frames may repeat, not fall. */
    RESULT(TCPPHASE_OK, tcpphase_engine_segment(engine, &good, &notes));
    RESULT(TCPPHASE_BAD_VALUE, give(engine, 8, true, 200, 101, SYN | ACK));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, 8, 0, 200, &verdict));
    verdict = verdict_of(engine, 9, 100);

    /* Quoted in an ICMP error: no verdict. */
    struct tcpphase_segment segment = segment_of(10, false, octets, 8);
    segment.reported_length = HEADER;
    segment.flags = TCPPHASE_SEGMENT_QUOTED;
    RESULT(TCPPHASE_OK, tcpphase_engine_segment(engine, &segment, &notes));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(engine, 10, 0, 100, &verdict));

    segment = segment_of(11, false, octets, HEADER);
    segment.flags = TCPPHASE_SEGMENT_FRAGMENT;
    RESULT(TCPPHASE_OK, tcpphase_engine_segment(engine, &segment, &notes));
    verdict = verdict_of(engine, 11, 100);

    /* No octets, addresses and time at all. */
    segment = segment_of(12, false, NULL, 0);
    segment.source = segment.destination = NULL;
    segment.address_length = 0;
    segment.time = TCPPHASE_TIME_ABSENT;
    RESULT(TCPPHASE_OK, tcpphase_engine_segment(engine, &segment, &notes));
    verdict = verdict_of(engine, 12, 0);
    CHECK(verdict.connection == TCPPHASE_CONNECTION_NONE, "a connection without a header");
    check_name(TCPPHASE_TABLE_PHASE, verdict.phase, "Unknown");

    /* Every truncation, from octets that end there. */
    for (uint32_t length = 0; length < HEADER; length++) {
        uint8_t *end = copy(octets, HEADER);
        segment = segment_of(20 + length, false, end + HEADER - length, length);
        memmove(end + HEADER - length, octets, length);
        segment.reported_length = HEADER;
        RESULT(TCPPHASE_OK, tcpphase_engine_segment(engine, &segment, &notes));
        free(end);
    }

    /* Lengths and times as far apart as they go. */
    segment = segment_of(50, false, octets, HEADER);
    segment.reported_length = UINT32_MAX;
    segment.identification = 0xffff;
    const int64_t times[] = {INT64_MAX, INT64_MIN + 1, -1, 0, INT64_MAX};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        segment.time = times[i];
        put_header(octets, false, 101 + (uint32_t)i * 0x40000000, 201, ACK);
        RESULT(TCPPHASE_OK, tcpphase_engine_segment(engine, &segment, &notes));
        segment.frame++;
    }

    /* Each data offset with each combination of control bits. */
    for (uint32_t i = 0; i < 0x10000; i++) {
        put_header(octets, (i & 1) != 0, i, ~i, 0);
        octets[12] = (uint8_t)(i >> 8);
        octets[13] = (uint8_t)i;
        segment = segment_of(100 + i, (i & 1) != 0, octets, HEADER);
        segment.reported_length = HEADER + (i >> 4 & 3);
        int32_t result = tcpphase_engine_segment(engine, &segment, &notes);
        if (result != TCPPHASE_OK) {
            RESULT(TCPPHASE_OK, result);
            break;
        }
    }
    tcpphase_engine_free(engine);
}

/* Structs of a later version, and stumps. */
static void check_sizes(void)
{
    struct tcpphase_engine *engine = new_engine();
    uint8_t octets[HEADER];
    put_header(octets, false, 100, 0, SYN);
    uint32_t notes;

    struct {
        struct tcpphase_segment now;
        uint64_t later;
    } segment = {segment_of(1, false, octets, HEADER), UINT64_MAX};
    segment.now.struct_size = sizeof segment;
    RESULT(TCPPHASE_OK, tcpphase_engine_segment(engine, &segment.now, &notes));

    struct {
        struct tcpphase_verdict now;
        uint64_t later;
    } verdict = {{.struct_size = sizeof verdict}, UINT64_MAX};
    RESULT(TCPPHASE_OK, tcpphase_engine_verdict(engine, 1, 0, 100, &verdict.now));
    CHECK(verdict.now.struct_size == sizeof verdict, "struct_size is the caller's");
    CHECK(verdict.now.frame == 1 && verdict.later == UINT64_MAX, "written past the known part");
    char text[200];
    RESULT(TCPPHASE_OK, tcpphase_label(&verdict.now, text, sizeof text));

    struct {
        struct tcpphase_summary now;
        uint64_t later;
    } summary = {{.struct_size = sizeof summary}, UINT64_MAX};
    RESULT(TCPPHASE_OK, tcpphase_engine_summary(engine, verdict.now.connection, &summary.now));
    CHECK(summary.now.struct_size == sizeof summary, "struct_size is the caller's");
    CHECK(summary.later == UINT64_MAX, "written past the known part");

    /* As in the first version, which ended before this field. */
    const size_t before = offsetof(struct tcpphase_summary, reset_by);
    summary.now.struct_size = before;
    summary.now.reset_by = 77;
    RESULT(TCPPHASE_OK, tcpphase_engine_summary(engine, verdict.now.connection, &summary.now));
    CHECK(summary.now.struct_size == before && summary.now.reset_by == 77, "written past the caller's part");

    const size_t sizes[] = {0, 1, sizeof(size_t), before - 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *stump = copy(&sizes[i], sizeof sizes[i]);
        RESULT(TCPPHASE_BAD_SIZE, tcpphase_engine_verdict(engine, 1, 0, 100, stump));
        RESULT(TCPPHASE_BAD_SIZE, tcpphase_engine_summary(engine, verdict.now.connection, stump));
        RESULT(TCPPHASE_BAD_SIZE, tcpphase_label(stump, text, sizeof text));
        RESULT(TCPPHASE_BAD_SIZE, tcpphase_note_text(stump, 1, text, sizeof text));
        CHECK(memcmp(stump, &sizes[i], sizeof sizes[i]) == 0, "a stump is written");
        free(stump);
    }
    /* As in the first version, which ended before this field. */
    verdict.now.struct_size = offsetof(struct tcpphase_verdict, unanswered_time);
    verdict.now.unanswered_time = 77;
    RESULT(TCPPHASE_OK, tcpphase_engine_verdict(engine, 1, 0, 100, &verdict.now));
    RESULT(TCPPHASE_OK, tcpphase_label(&verdict.now, text, sizeof text));
    CHECK(verdict.now.unanswered_time == 77, "written past the caller's part");
    verdict.now.struct_size--;
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_engine_verdict(engine, 1, 0, 100, &verdict.now));
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_label(&verdict.now, text, sizeof text));
    tcpphase_engine_free(engine);
}

/* Gives a segment with payload; returns its notes. */
static uint32_t give_octets(struct tcpphase_engine *engine, uint32_t frame, uint32_t sequence, const uint8_t *payload,
                            size_t length)
{
    uint8_t *octets = malloc(HEADER + length);
    if (octets == NULL)
        exit(2);
    put_header(octets, false, sequence, 1001, ACK);
    memcpy(octets + HEADER, payload, length);
    const struct tcpphase_segment segment = segment_of(frame, false, octets, HEADER + (uint32_t)length);
    uint32_t notes = NOTES_UNTOUCHED;
    RESULT(TCPPHASE_OK, tcpphase_engine_segment(engine, &segment, &notes));
    free(octets);
    return notes;
}

static const char REQUEST[] = "GET / HTTP/1.1\r\n\r\n";

/* A connection whose client has sent a Client Hello and, in frame 5, a record that cannot be read. */
static struct tcpphase_engine *sealed_engine(void)
{
    static const uint8_t hello[5 + 4 + 41] = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3};
    static const uint8_t record[5 + sizeof REQUEST - 1 + 17] = {23, 3, 3, 0, sizeof REQUEST - 1 + 17};
    struct tcpphase_engine *engine = new_engine();
    RESULT(TCPPHASE_OK, give(engine, 1, false, 100, 0, SYN));
    RESULT(TCPPHASE_OK, give(engine, 2, true, 1000, 101, SYN | ACK));
    RESULT(TCPPHASE_OK, give(engine, 3, false, 101, 1001, ACK));
    CHECK((give_octets(engine, 4, 101, hello, sizeof hello) & TCPPHASE_SEALED) == 0, "a hello is not sealed");
    CHECK((give_octets(engine, 5, 101 + sizeof hello, record, sizeof record) & TCPPHASE_SEALED) != 0, "not sealed");
    return engine;
}

#define SEALED_AT (101 + 5 + 4 + 41)

/* The plaintext of records: given rightly, wrongly, twice and too late. */
static void check_plaintext(void)
{
    struct tcpphase_engine *engine = sealed_engine();
    uint8_t *request = copy(REQUEST, sizeof REQUEST - 1);
    const struct tcpphase_record good = {
        .struct_size = sizeof good,
        .octets = request,
        .length = sizeof REQUEST - 1,
        .content_type = 23,
    };
    uint32_t notes = NOTES_UNTOUCHED;

    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_plaintext(NULL, 5, 0, SEALED_AT, &good, 1, &notes));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, NULL, 1, &notes));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, &good, 1, NULL));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_plaintext(engine, 4, 0, 101, &good, 1, &notes));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_plaintext(engine, 5, 1, SEALED_AT, &good, 1, &notes));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT + 1, &good, 1, &notes));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_plaintext(engine, 6, 0, SEALED_AT, &good, 1, &notes));

#define REFUSED(expected, change)                                                                     \
    do {                                                                                              \
        struct tcpphase_record record = good;                                                         \
        record.change;                                                                                \
        RESULT(expected, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, &record, 1, &notes));     \
    } while (0)
    REFUSED(TCPPHASE_BAD_SIZE, struct_size = 0);
    REFUSED(TCPPHASE_BAD_SIZE, struct_size = sizeof good - 1);
    REFUSED(TCPPHASE_BAD_SIZE, struct_size = sizeof good + 1);
    REFUSED(TCPPHASE_NULL_ARGUMENT, octets = NULL);
    REFUSED(TCPPHASE_BAD_VALUE, content_type = 256);
#undef REFUSED
    struct tcpphase_record unequal[2] = {good, good};
    unequal[1].struct_size += 8;
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, unequal, 2, &notes));
    CHECK(notes == NOTES_UNTOUCHED, "notes of a refused record");
    struct tcpphase_verdict verdict = verdict_of(engine, 5, SEALED_AT);
    check_name(TCPPHASE_TABLE_STEP, verdict.steps[0], "TLS Application Data");

    /* Records of a later version, and one of no octets. */
    struct {
        struct tcpphase_record now;
        uint64_t later;
    } records[2] = {{good, UINT64_MAX}, {good, UINT64_MAX}};
    records[0].now.struct_size = records[1].now.struct_size = sizeof *records;
    records[1].now.octets = NULL;
    records[1].now.length = 0;
    RESULT(TCPPHASE_OK, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, &records[0].now, 2, &notes));
    CHECK(notes == 0, "notes %#x", (unsigned)notes);
    memset(request, 0x7f, sizeof REQUEST - 1);
    verdict = verdict_of(engine, 5, SEALED_AT);
    check_name(TCPPHASE_TABLE_STEP, verdict.steps[0], "HTTP Request");
    CHECK(verdict.step_count == 1 && verdict.http_message == 1, "message %u", (unsigned)verdict.http_message);
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, &good, 1, &notes));
    tcpphase_engine_free(engine);

    engine = sealed_engine();
    RESULT(TCPPHASE_OK, give(engine, 6, true, 1001, 200, ACK));
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, &good, 1, &notes));
    tcpphase_engine_free(engine);

    /* No records at all say nothing new. */
    engine = sealed_engine();
    RESULT(TCPPHASE_OK, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, NULL, 0, &notes));
    verdict = verdict_of(engine, 5, SEALED_AT);
    check_name(TCPPHASE_TABLE_STEP, verdict.steps[0], "TLS Application Data");
    tcpphase_engine_free(engine);
    free(request);
}

static struct tcpphase_verdict blank_verdict(void)
{
    struct tcpphase_verdict verdict = {
        .struct_size = sizeof verdict,
        .frame = 1,
        .connection = 0,
        .phase = 5,
        .sender = 1,
        .sender_basis = 1,
        .step_count = 1,
        .steps = {70},
        .close_initiator = 1,
        .handshake_time = TCPPHASE_TIME_ABSENT,
        .server_time = TCPPHASE_TIME_ABSENT,
        .client_time = TCPPHASE_TIME_ABSENT,
        .retry_cost = TCPPHASE_TIME_ABSENT,
        .keepalive_idle = TCPPHASE_TIME_ABSENT,
        .keepalive_interval = TCPPHASE_TIME_ABSENT,
        .keepalive_response_time = TCPPHASE_TIME_ABSENT,
        .close_idle = TCPPHASE_TIME_ABSENT,
    };
    return verdict;
}

/* Text in buffers of every size up to its own: a part of whole characters, and nothing behind it. */
static void check_cuts(const struct tcpphase_verdict *verdict, uint32_t note)
{
    char whole[400];
    RESULT(TCPPHASE_OK, note == 0 ? tcpphase_label(verdict, whole, sizeof whole)
                                  : tcpphase_note_text(verdict, note, whole, sizeof whole));
    CHECK(whole[0] != 0 && whole_characters(whole), "text \"%s\"", whole);
    for (size_t size = 1; size <= strlen(whole) + 1; size++) {
        char *buffer = malloc(size);
        if (buffer == NULL)
            exit(2);
        memset(buffer, 0x7f, size);
        RESULT(TCPPHASE_OK,
               note == 0 ? tcpphase_label(verdict, buffer, size) : tcpphase_note_text(verdict, note, buffer, size));
        CHECK(memchr(buffer, 0, size) != NULL, "no NUL in %zu octets", size);
        CHECK(strncmp(whole, buffer, strlen(buffer)) == 0 && whole_characters(buffer), "\"%s\" of \"%s\"", buffer,
              whole);
        CHECK(strlen(buffer) + 4 >= size, "\"%s\" in %zu octets", buffer, size);
        free(buffer);
    }
}

static void check_texts(void)
{
    const struct tcpphase_verdict good = blank_verdict();
    char text[200] = "untouched";

    check_cuts(&good, 0);
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_label(NULL, text, sizeof text));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_label(&good, NULL, sizeof text));
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_label(&good, text, 0));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_note_text(NULL, 1, text, sizeof text));
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_note_text(&good, 1, NULL, sizeof text));
    RESULT(TCPPHASE_BAD_SIZE, tcpphase_note_text(&good, 1, text, 0));

#define REFUSED(change)                                                                  \
    do {                                                                                 \
        struct tcpphase_verdict verdict = good;                                          \
        verdict.change;                                                                  \
        RESULT(TCPPHASE_BAD_VALUE, tcpphase_label(&verdict, text, sizeof text));         \
        RESULT(TCPPHASE_BAD_VALUE, tcpphase_note_text(&verdict, 1, text, sizeof text));  \
    } while (0)
    REFUSED(marks = 8);
    REFUSED(phase = 7);
    REFUSED(sender = 3);
    REFUSED(sender_basis = 0xff);
    REFUSED(step_count = TCPPHASE_STEPS_MAXIMUM + 1);
    REFUSED(step_count = 2);
    REFUSED(steps[0] = 0xff);
    REFUSED(close_initiator = 0xfe);
    REFUSED(simultaneous_open = 2);
    REFUSED(keepalive_status = 0xff);
    REFUSED(keepalive_layer = 0xff);
    REFUSED(keepalive_context = 0xff);
    REFUSED(not_keepalive = 0xff);
#undef REFUSED

    const uint32_t strange[] = {0, 31, 32, 255, 256, 257, UINT32_MAX};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        RESULT(TCPPHASE_BAD_VALUE, tcpphase_note_text(&good, strange[i], text, sizeof text));

    uint32_t note;
    const char *name;
    for (uint32_t index = 0; tcpphase_name(TCPPHASE_TABLE_NOTE, index, &note, &name) == TCPPHASE_OK; index++) {
        RESULT(TCPPHASE_NOT_FOUND, tcpphase_note_text(&good, note, text, sizeof text));
        struct tcpphase_verdict verdict = good;
        verdict.notes = UINT32_C(1) << note;
        verdict.not_keepalive = 1;
        verdict.attempt = verdict.keepalive_number = 2;
        verdict.retry_cost = INT64_C(1000000000);
        check_cuts(&verdict, note);
    }
    CHECK(strcmp(text, "untouched") == 0, "written without success: \"%s\"", text);
}

static void check_engines(void)
{
    RESULT(TCPPHASE_NULL_ARGUMENT, tcpphase_engine_new(NULL));
    tcpphase_engine_free(NULL);

    struct tcpphase_engine *one = new_engine(), *other = new_engine();
    RESULT(TCPPHASE_OK, give(one, 1, false, 100, 0, SYN));
    struct tcpphase_verdict verdict = {.struct_size = sizeof verdict};
    RESULT(TCPPHASE_NOT_FOUND, tcpphase_engine_verdict(other, 1, 0, 100, &verdict));
    tcpphase_engine_free(one);
    RESULT(TCPPHASE_OK, give(other, 1, false, 100, 0, SYN));
    tcpphase_engine_free(other);
}

/* A library without the feature test-panic labels the last frame like any other. */
static void check_last_frame(void)
{
    struct tcpphase_engine *engine = new_engine();
    RESULT(TCPPHASE_OK, give(engine, UINT32_MAX, false, 100, 0, SYN));
    CHECK(verdict_of(engine, UINT32_MAX, 100).frame == UINT32_MAX, "the last frame");
    tcpphase_engine_free(engine);
}

/* With the feature it panics. */
static void check_panic(void)
{
    struct tcpphase_engine *engine = new_engine(), *other = new_engine();
    RESULT(TCPPHASE_OK, give(engine, 1, false, 100, 0, SYN));
    struct tcpphase_verdict verdict = verdict_of(engine, 1, 100);

    RESULT(TCPPHASE_POISONED, give(engine, UINT32_MAX, false, 100, 0, SYN));
    RESULT(TCPPHASE_POISONED, give(engine, UINT32_MAX, false, 100, 0, SYN));
    RESULT(TCPPHASE_POISONED, give(engine, 2, false, 100, 0, SYN));
    const struct tcpphase_verdict before = verdict;
    RESULT(TCPPHASE_POISONED, tcpphase_engine_verdict(engine, 1, 0, 100, &verdict));
    CHECK(memcmp(&verdict, &before, sizeof verdict) == 0, "written although poisoned");
    struct tcpphase_summary summary = {.struct_size = sizeof summary};
    RESULT(TCPPHASE_POISONED, tcpphase_engine_summary(engine, 0, &summary));
    uint32_t notes = NOTES_UNTOUCHED, connections = 77;
    RESULT(TCPPHASE_POISONED, tcpphase_engine_origins(engine, NULL, 0, &connections));
    CHECK(connections == 77, "written although poisoned");
    RESULT(TCPPHASE_POISONED, tcpphase_engine_plaintext(engine, 1, 0, 100, NULL, 0, &notes));
    tcpphase_engine_free(engine);

    engine = sealed_engine();
    RESULT(TCPPHASE_POISONED, tcpphase_engine_plaintext(engine, UINT32_MAX, 0, SEALED_AT, NULL, 0, &notes));
    RESULT(TCPPHASE_POISONED, tcpphase_engine_plaintext(engine, 5, 0, SEALED_AT, NULL, 0, &notes));
    RESULT(TCPPHASE_POISONED, give(engine, 6, true, 1001, 200, ACK));
    CHECK(notes == NOTES_UNTOUCHED, "notes although poisoned");
    tcpphase_engine_free(engine);

    RESULT(TCPPHASE_OK, give(other, 1, false, 100, 0, SYN));
    tcpphase_engine_free(other);
    char text[200];
    RESULT(TCPPHASE_OK, tcpphase_label(&verdict, text, sizeof text));
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    check_versions();
    check_result_texts();
    check_names();
    check_fields();
    check_rows();
    check_engines();
    check_connection();
    check_origins();
    check_places();
    check_segments();
    check_sizes();
    check_plaintext();
    check_texts();
    if (strcmp(mode, "panic") == 0)
        check_panic();
    else
        check_last_frame();
    if (failures > 0)
        fprintf(stderr, "abi.c: %d checks failed\n", failures);
    return failures > 0;
}
