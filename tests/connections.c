/* connections.c: prints a row for each connection of a capture of Ethernet and IPv4: who, how it opened and ended, how
 * long it took, HTTP requests; and for each request the frame of its response, which only hindsight knows.
 *
 *   cc connections.c -o connections $(pkg-config --cflags --libs tcpphase libpcap) && ./connections CAPTURE
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <tcpphase.h>

static uint32_t number(const uint8_t *octets, int count)
{
    return count == 0 ? 0 : number(octets, count - 1) << 8 | octets[count - 1];
}

static int find_segment(const uint8_t *frame, uint32_t captured, struct tcpphase_segment *segment)
{
    const uint8_t *ip = frame + 14;
    uint32_t begin, end;

    if (captured < 34 || number(frame + 12, 2) != 0x0800 || ip[9] != 6) {
        return 0;
    }
    begin = 14 + (ip[0] & 15) * 4;
    end = 14 + number(ip + 2, 2);
    segment->source = ip + 12;
    segment->destination = ip + 16;
    segment->address_length = 4;
    segment->identification = number(ip + 4, 2);
    segment->octets = frame + begin;
    segment->reported_length = end - begin;
    segment->captured_length = (end < captured ? end : captured) - begin;
    return begin + 8 <= captured && begin + 8 <= end;
}

/* Whoever can decrypt TLS opens here the records that end in this segment, before the connection's next one is given:
 *
 *   struct tcpphase_record record = { .struct_size = sizeof record, .octets = plaintext, .length = its length,
 *                                     .content_type = 23 };
 *   tcpphase_engine_plaintext(engine, frame, index, sequence, &record, 1, &notes);
 */
static void open_records(void)
{
}

static const char *name(uint32_t table, uint32_t wanted)
{
    const char *text;
    uint32_t value;

    for (uint32_t i = 0; tcpphase_name(table, i, &value, &text) == TCPPHASE_OK; i++) {
        if (value == wanted) {
            return text;
        }
    }
    return "";
}

static void print_rows(const struct tcpphase_engine *engine)
{
    struct tcpphase_summary summary = { .struct_size = sizeof summary };
    struct tcpphase_origin *origins;
    uint32_t count;

    if (tcpphase_engine_origins(engine, NULL, 0, &count) != TCPPHASE_OK
        || (origins = calloc(count + 1, sizeof *origins)) == NULL) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        origins[i].struct_size = sizeof *origins;
    }
    if (tcpphase_engine_origins(engine, origins, count, &count) == TCPPHASE_OK) {
        for (uint32_t i = 0; i < count && tcpphase_engine_summary(engine, i, &summary) == TCPPHASE_OK; i++) {
            const uint8_t *from = origins[i].source, *to = origins[i].destination;

            printf("%u\t%u.%u.%u.%u:%u\t%u.%u.%u.%u:%u\t%s\t%s\t%.6f s\t%u requests\n", (unsigned)i,
                   from[0], from[1], from[2], from[3], (unsigned)origins[i].source_port,
                   to[0], to[1], to[2], to[3], (unsigned)origins[i].destination_port,
                   name(TCPPHASE_TABLE_OPENED, summary.opened), name(TCPPHASE_TABLE_ENDED, summary.ended),
                   (double)summary.duration / 1e9, (unsigned)summary.messages);
        }
    }
    free(origins);
}

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE];
    struct tcpphase_segment segment = { .struct_size = sizeof segment };
    struct tcpphase_verdict verdict = { .struct_size = sizeof verdict };
    struct request { uint32_t frame, sequence; } requests[1000];
    struct tcpphase_engine *engine;
    struct pcap_pkthdr *header;
    const uint8_t *frame;
    uint32_t notes, count = 0;
    pcap_t *capture = pcap_open_offline_with_tstamp_precision(argc > 1 ? argv[1] : "-", PCAP_TSTAMP_PRECISION_NANO, error);

    if (capture == NULL || pcap_datalink(capture) != DLT_EN10MB || tcpphase_engine_new(&engine) != TCPPHASE_OK) {
        fprintf(stderr, "usage: connections CAPTURE, of Ethernet: %s\n", capture == NULL ? error : "");
        return 1;
    }
    while (pcap_next_ex(capture, &header, &frame) == 1) {
        segment.frame++;
        segment.time = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
        if (!find_segment(frame, header->caplen, &segment)
            || tcpphase_engine_segment(engine, &segment, &notes) != TCPPHASE_OK) {
            continue;
        }
        if (notes & TCPPHASE_SEALED) {
            open_records();
        }
        if (notes & TCPPHASE_NOTE_KEEPALIVE_UNANSWERED) {
            printf("frame %u: keep-alives go unanswered\n", (unsigned)segment.frame);
        }
        if (tcpphase_engine_verdict(engine, segment.frame, 0, number(segment.octets + 4, 4), &verdict) == TCPPHASE_OK
            && verdict.http_method != 0 && count < sizeof requests / sizeof *requests) {
            requests[count++] = (struct request){ verdict.frame, verdict.sequence };
        }
    }
    /* Now all frames are known: the same verdicts again, with what came later. */
    for (uint32_t i = 0; i < count; i++) {
        if (tcpphase_engine_verdict(engine, requests[i].frame, 0, requests[i].sequence, &verdict) == TCPPHASE_OK) {
            printf("frame %u: %s, response in frame %u\n", (unsigned)verdict.frame,
                   name(TCPPHASE_TABLE_HTTP_METHOD, verdict.http_method), (unsigned)verdict.http_response_frame);
        }
    }
    print_rows(engine);
    tcpphase_engine_free(engine);
    pcap_close(capture);
    return 0;
}
