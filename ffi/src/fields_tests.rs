use super::*;
use crate::tables;
use std::collections::BTreeSet;

#[test]
fn every_row_can_be_read() {
    let mut names = BTreeSet::new();
    for Field { name, row, .. } in FIELDS.iter() {
        assert!(names.insert(name.clone()), "{:?} stands there twice", name);
        assert!([1, 2, 4, 8].contains(&row.size), "{:?}: {}", name, row.size);
        let whole = match row.of {
            TCPPHASE_OF_VERDICT => size_of::<tcpphase_verdict>(),
            TCPPHASE_OF_SUMMARY => size_of::<tcpphase_summary>(),
            TCPPHASE_OF_CONNECTION => {
                assert_eq!(row.kind, TCPPHASE_KIND_TEXT, "{:?}", name);
                continue;
            }
            of => panic!("{:?} stands in {}", name, of),
        };
        let end = row.offset.max(row.offset_swapped) + row.size * row.count;
        assert!(end as usize <= whole, "{:?}", name);
        assert_eq!(row.offset % row.size, 0, "{:?}", name);
        assert!(row.kind != TCPPHASE_KIND_TIME || row.size == 8, "{:?}", name);
        assert_eq!(row.kind == TCPPHASE_KIND_NOTE, row.severity > 0 && row.topic > 0, "{:?}", name);
        let is_named = matches!(row.kind, TCPPHASE_KIND_NAME | TCPPHASE_KIND_WIRE);
        assert_eq!(is_named, row.table > 0, "{:?}", name);
        assert!(row.table == 0 || tables::find(row.table).is_some(), "{:?}", name);
    }
}
