/* phases.c: prints where each connection is at each TCP segment of a capture of Ethernet: frame number, tab, label.
 * Tunnels, VLANs, IP fragments and IPv6 extension headers are not followed.
 *
 *   cc phases.c -o phases $(pkg-config --cflags --libs tcpphase libpcap) && ./phases CAPTURE
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <tcpphase.h>

static uint32_t number(const uint8_t *octets, int count)
{
    return count == 0 ? 0 : number(octets, count - 1) << 8 | octets[count - 1];
}

/* Finds the TCP segment in a frame, with no less than its sequence number. */
static int find_segment(const uint8_t *frame, uint32_t captured, struct tcpphase_segment *segment)
{
    const uint8_t *ip = frame + 14;
    const int ipv6 = captured >= 54 && number(frame + 12, 2) == 0x86dd && ip[6] == 6;
    uint32_t begin, end;

    if (!ipv6 && (captured < 34 || number(frame + 12, 2) != 0x0800 || ip[9] != 6)) {
        return 0;
    }
    begin = 14 + (ipv6 ? 40 : (ip[0] & 15) * 4);
    end = 14 + (ipv6 ? 40 + number(ip + 4, 2) : number(ip + 2, 2));
    segment->source = ip + (ipv6 ? 8 : 12);
    segment->address_length = ipv6 ? 16 : 4;
    segment->destination = segment->source + segment->address_length;
    segment->identification = ipv6 ? TCPPHASE_IDENTIFICATION_NONE : number(ip + 4, 2);
    segment->octets = frame + begin;
    segment->reported_length = end - begin;
    segment->captured_length = (end < captured ? end : captured) - begin;
    return begin + 8 <= captured && begin + 8 <= end;
}

int main(int argc, char **argv)
{
    char label[128], error[PCAP_ERRBUF_SIZE];
    struct tcpphase_segment segment = { .struct_size = sizeof segment };
    struct tcpphase_verdict verdict = { .struct_size = sizeof verdict };
    struct tcpphase_engine *engine;
    struct pcap_pkthdr *header;
    const uint8_t *frame;
    uint32_t notes;
    pcap_t *capture = pcap_open_offline_with_tstamp_precision(argc > 1 ? argv[1] : "-", PCAP_TSTAMP_PRECISION_NANO, error);

    if (capture == NULL || pcap_datalink(capture) != DLT_EN10MB || tcpphase_engine_new(&engine) != TCPPHASE_OK) {
        fprintf(stderr, "usage: phases CAPTURE, of Ethernet: %s\n", capture == NULL ? error : "");
        return 1;
    }
    while (pcap_next_ex(capture, &header, &frame) == 1) {
        segment.frame++;
        segment.time = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
        if (find_segment(frame, header->caplen, &segment)
            && tcpphase_engine_segment(engine, &segment, &notes) == TCPPHASE_OK
            && tcpphase_engine_verdict(engine, segment.frame, 0, number(segment.octets + 4, 4), &verdict) == TCPPHASE_OK
            && tcpphase_label(&verdict, label, sizeof label) == TCPPHASE_OK) {
            printf("%u\t%s\n", segment.frame, label);
        }
    }
    tcpphase_engine_free(engine);
    pcap_close(capture);
    return 0;
}
