//! The JSON Schema of rows is that of the table of fields.

#[path = "../examples/schema.rs"]
mod schema;

#[test]
fn the_schema_is_fresh() {
    let kept = include_str!("../../cmake/connection.schema.json");
    let hint = "cargo run --manifest-path tests/Cargo.toml --example schema > cmake/connection.schema.json";
    assert!(kept == schema::text(), "cmake/connection.schema.json is stale: {hint}");
}
