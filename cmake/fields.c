/* fields.c
 * TCP Phase's fields and notes: what is registered, and a verdict shown with it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "versions.h"

#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/wmem_scopes.h>

#include "plugin.h"

#define TEXT_SIZE 2048
#define NAMES_MAXIMUM 128
#define NOTES_MAXIMUM 32
#define GROUPS_MAXIMUM 16
#define NANOSECONDS 1000000000

static int proto_tcpphase = -1;

/* The library's table of fields, with Wireshark's numbers for them. */
static struct tcpphase_field *fields;
static int *hf;
static unsigned field_count;
static int ett_tcpphase = -1, ett_group[GROUPS_MAXIMUM + 1];

static expert_field ei_note[NOTES_MAXIMUM];
static value_string names[TCPPHASE_TABLE_LAST + 1][NAMES_MAXIMUM + 1];

const value_string *
names_of(uint32_t table)
{
    /* A later library may have more. */
    return names[table <= TCPPHASE_TABLE_LAST ? table : 0];
}

/* ---- Showing ---- */

/* What the fields of a segment are taken from. */
struct shown {
    tvbuff_t *tvb;
    proto_tree *tree;
    proto_tree *groups[GROUPS_MAXIMUM + 1];
    const struct tcpphase_verdict *verdict;
    /* NULL where nothing is shown of the connection as a whole. */
    const struct tcpphase_summary *summary;
    const char *label, *frame_label;
};

/* The group's subtree, once something is in it. */
static proto_tree *
group_of(struct shown *shown, uint32_t group)
{
    proto_item *item;

    if (group == 0 || group > GROUPS_MAXIMUM) {
        return shown->tree;
    }
    if (shown->groups[group] == NULL) {
        shown->groups[group] = proto_tree_add_subtree(shown->tree, shown->tvb, 0, 0, ett_group[group], &item,
                                                      val_to_str_const(group, names[TCPPHASE_TABLE_GROUP], ""));
        proto_item_set_generated(item);
    }
    return shown->groups[group];
}

static int64_t
read_value(const uint8_t *octets, const struct tcpphase_field *field)
{
    uint16_t two;
    uint32_t four;
    int64_t eight;

    switch (field->size) {
    case 1:
        return *octets & field->mask;
    case 2:
        memcpy(&two, octets, sizeof two);
        return two & field->mask;
    case 4:
        memcpy(&four, octets, sizeof four);
        return four & field->mask;
    default:
        memcpy(&eight, octets, sizeof eight);
        return eight;
    }
}

/* Whether anything is known of a prober: then none unanswered is a value, too. */
static bool
is_probed(const struct tcpphase_summary *summary, size_t prober)
{
    return summary->probe_idle[prober] != TCPPHASE_TIME_ABSENT || summary->probe_interval[prober] != TCPPHASE_TIME_ABSENT
        || summary->probe_unanswered_max[prober] > 0;
}

/* Whether what the value depends on is there. */
static bool
is_applicable(const struct tcpphase_summary *summary, const struct tcpphase_field *field, uint32_t offset)
{
    const uint32_t when = field->when;

    return !((when & TCPPHASE_WHEN_BOTH_DIRECTIONS && summary->one_direction)
             || (when & TCPPHASE_WHEN_KEEPALIVES && summary->keepalives == 0)
             || (when & TCPPHASE_WHEN_CLIENT_KNOWN && summary->client_side == 0)
             || (when & TCPPHASE_WHEN_PROBED
                 && !is_probed(summary, (offset - offsetof(struct tcpphase_summary, probe_unanswered_max)) / field->size)));
}

static void
add_value(proto_tree *tree, tvbuff_t *tvb, const struct tcpphase_field *field, int id, int64_t value)
{
    const nstime_t duration = { (time_t)(value / NANOSECONDS), (int)(value % NANOSECONDS) };
    proto_item *item;

    switch (field->kind) {
    case TCPPHASE_KIND_FLAG:
        item = proto_tree_add_boolean(tree, id, tvb, 0, 0, TRUE);
        break;
    case TCPPHASE_KIND_TIME:
        item = proto_tree_add_time(tree, id, tvb, 0, 0, &duration);
        break;
    default:
        if (field->size == 8) {
            item = proto_tree_add_uint64(tree, id, tvb, 0, 0, (uint64_t)value);
            break;
        }
        item = proto_tree_add_uint(tree, id, tvb, 0, 0, (uint32_t)value);
    }
    proto_item_set_generated(item);
}

static void
show_values(struct shown *shown, const struct tcpphase_field *field, int id)
{
    const bool of_summary = field->of == TCPPHASE_OF_SUMMARY;
    const uint8_t *octets = of_summary ? (const uint8_t *)shown->summary : (const uint8_t *)shown->verdict;
    uint32_t offset = field->offset;

    if (field->is_hindsight && shown->summary == NULL) {
        return;
    }
    if (of_summary && field->when != 0) {
        offset = shown->summary->client_side == 2 ? field->offset_swapped : field->offset;
        if (!is_applicable(shown->summary, field, offset)) {
            return;
        }
    }
    for (uint32_t i = 0; i < field->count; i++) {
        const int64_t value = read_value(octets + offset + (size_t)i * field->size, field);

        if (value == field->absent) {
            return;
        }
        add_value(group_of(shown, field->group), shown->tvb, field, id, value);
    }
}

/* Text takes more to get than a number, so it is got where somebody looks. */
static void
show_text(struct shown *shown, const struct tcpphase_field *field, int id)
{
    char text[TEXT_SIZE];

    if (shown->summary == NULL || !proto_field_is_referenced(shown->tree, id)
        || !capture_text(shown->verdict->connection, field->offset, text, sizeof text)) {
        return;
    }
    proto_item_set_generated(proto_tree_add_string(group_of(shown, field->group), id, shown->tvb, 0, 0, text));
}

static void
show_label(const struct shown *shown, int id)
{
    proto_item_set_generated(proto_tree_add_string(shown->tree, id, shown->tvb, 0, 0, shown->label));
}

static void
show_frame_label(const struct shown *shown, int id)
{
    proto_item *item;

    if (shown->frame_label == NULL) {
        return;
    }
    item = proto_tree_add_string(shown->tree, id, shown->tvb, 0, 0, shown->frame_label);
    proto_item_set_generated(item);
    if (strcmp(shown->label, shown->frame_label) == 0) {
        /* There for filters and columns; in the details it would say the same twice. */
        proto_item_set_hidden(item);
    }
}

/* Expert infos reach their statistics without a tree too. */
void
fields_show_notes(packet_info *pinfo, proto_item *item, const struct tcpphase_verdict *verdict)
{
    /* Restored by our caller; it names the source in the expert infos' own window. */
    pinfo->current_proto = "TCP Phase";
    for (uint32_t note = 0; note < NOTES_MAXIMUM; note++) {
        char text[TEXT_SIZE];
        int32_t result;

        if (!(verdict->notes >> note & 1) || ei_note[note].hf <= 0) {
            continue;
        }
        result = tcpphase_note_text(verdict, note, text, sizeof text);
        if (capture_goes_on(result)) {
            expert_add_info_format(pinfo, item, &ei_note[note], "%s", text);
        } else if (result == TCPPHASE_POISONED) {
            return;
        }
    }
}

void
fields_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const char *label, const char *frame_label,
            const struct tcpphase_verdict *verdict, const struct tcpphase_summary *summary)
{
    proto_item *item = proto_tree_add_item(tree, proto_tcpphase, tvb, 0, 0, ENC_NA);
    struct shown shown = { .tvb = tvb, .verdict = verdict, .summary = summary, .label = label, .frame_label = frame_label };

    proto_item_append_text(item, ": %s", label);
    proto_item_set_generated(item);
    shown.tree = proto_item_add_subtree(item, ett_tcpphase);

    for (unsigned i = 0; i < field_count; i++) {
        switch (fields[i].kind) {
        case TCPPHASE_KIND_LABEL:
            show_label(&shown, hf[i]);
            break;
        case TCPPHASE_KIND_FRAME_LABEL:
            show_frame_label(&shown, hf[i]);
            /* Before the details: few segments have one, and it is worth reading. */
            fields_show_notes(pinfo, item, verdict);
            if (verdict->connection == TCPPHASE_CONNECTION_NONE) {
                return;
            }
            break;
        case TCPPHASE_KIND_TEXT:
            show_text(&shown, &fields[i], hf[i]);
            break;
        default:
            show_values(&shown, &fields[i], hf[i]);
        }
    }
}

/* ---- Registration ---- */

/* The value strings come from the engine, so that a name exists once. */
static void
read_names(void)
{
    for (uint32_t table = 1; table <= TCPPHASE_TABLE_LAST; table++) {
        uint32_t value;
        const char *name;

        for (uint32_t i = 0; i < NAMES_MAXIMUM && tcpphase_name(table, i, &value, &name) == TCPPHASE_OK; i++) {
            names[table][i].value = value;
            names[table][i].strptr = name;
        }
    }
}

/* Which of a note's severities and topics Wireshark's are. */
static const int severities[] = { 0, PI_CHAT, PI_NOTE, PI_WARN };
static const int topics[] = { PI_UNDECODED, PI_SEQUENCE, PI_RESPONSE_CODE, PI_SECURITY, PI_PROTOCOL };

static void
register_note(expert_module_t *module, const struct tcpphase_field *field, const char *name)
{
    ei_register_info *note = wmem_new0(wmem_epan_scope(), ei_register_info);
    unsigned number = 0;

    while (number < NOTES_MAXIMUM && field->mask >> number != 1) {
        number++;
    }
    if (number == NOTES_MAXIMUM || field->severity >= G_N_ELEMENTS(severities) || field->topic >= G_N_ELEMENTS(topics)) {
        return;
    }
    *note = (ei_register_info){ &ei_note[number],
                                { name, topics[field->topic], severities[field->severity], field->title, EXPFILL } };
    expert_register_field_array(module, note, 1);
}

static void
describe_field(const struct tcpphase_field *field, header_field_info *info)
{
    static const enum ft_framenum_type links[] = { FT_FRAMENUM_NONE, FT_FRAMENUM_ACK, FT_FRAMENUM_REQUEST,
                                                   FT_FRAMENUM_RESPONSE };

    info->name = field->title;
    info->blurb = field->description;
    info->display = BASE_NONE;
    switch (field->kind) {
    case TCPPHASE_KIND_NAME:
    case TCPPHASE_KIND_WIRE:
        info->type = field->kind == TCPPHASE_KIND_NAME ? FT_UINT8 : FT_UINT16;
        info->display = field->kind == TCPPHASE_KIND_NAME ? BASE_DEC : BASE_HEX;
        info->strings = VALS(names_of(field->table));
        break;
    case TCPPHASE_KIND_FRAME:
        info->type = FT_FRAMENUM;
        info->strings = FRAMENUM_TYPE(links[field->link % G_N_ELEMENTS(links)]);
        break;
    case TCPPHASE_KIND_FLAG:
        info->type = FT_BOOLEAN;
        break;
    case TCPPHASE_KIND_TIME:
        info->type = FT_RELATIVE_TIME;
        break;
    case TCPPHASE_KIND_LABEL:
    case TCPPHASE_KIND_FRAME_LABEL:
    case TCPPHASE_KIND_TEXT:
        info->type = FT_STRING;
        break;
    default:
        info->type = field->size == 8 ? FT_UINT64 : FT_UINT32;
        info->display = BASE_DEC;
    }
}

static void
register_field(const struct tcpphase_field *field, const char *name, int *id)
{
    hf_register_info *registered = wmem_new0(wmem_epan_scope(), hf_register_info);

    *id = -1;
    registered->p_id = id;
    registered->hfinfo.abbrev = name;
    HFILL_INIT(*registered);
    describe_field(field, &registered->hfinfo);
    proto_register_field_array(proto_tcpphase, registered, 1);
}

static void
register_all(void)
{
    expert_module_t *module = expert_register_protocol(proto_tcpphase);
    struct tcpphase_field field = { .struct_size = sizeof field };
    uint32_t all = 0;

    while (tcpphase_field(all, &field) == TCPPHASE_OK) {
        all++;
    }
    fields = wmem_alloc0_array(wmem_epan_scope(), struct tcpphase_field, all);
    hf = wmem_alloc0_array(wmem_epan_scope(), int, all);
    for (uint32_t i = 0; i < all && tcpphase_field(i, &field) == TCPPHASE_OK; i++) {
        const char *name = wmem_strdup_printf(wmem_epan_scope(), "tcpphase.%s", field.name);

        if (field.kind == TCPPHASE_KIND_NOTE) {
            register_note(module, &field, name);
        } else {
            register_field(&field, name, &hf[field_count]);
            fields[field_count++] = field;
        }
    }
}

static void
register_subtrees(void)
{
    static int *subtrees[GROUPS_MAXIMUM + 2] = { &ett_tcpphase };

    for (unsigned group = 0; group <= GROUPS_MAXIMUM; group++) {
        ett_group[group] = -1;
        subtrees[group + 1] = &ett_group[group];
    }
    proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
}

void
fields_register(int proto)
{
    proto_tcpphase = proto;
    read_names();
    register_all();
    register_subtrees();
}
