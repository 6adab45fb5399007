# Builds the Rust library with cargo. Makes the target tcpphase_rust to link with and sets TCPPHASE_RUST_OUTPUT, its file.

get_filename_component(source_root "${CMAKE_SOURCE_DIR}/.." ABSOLUTE)

find_program(CARGO cargo HINTS "$ENV{HOME}/.cargo/bin")
if(NOT CARGO)
  message(FATAL_ERROR "cargo is missing (Debian: cargo)")
endif()

set(TCPPHASE_CRATES "auto" CACHE STRING
  "Folder of a distribution's crates to build from; empty: crates.io and Cargo.lock; auto: what is there")
set(TCPPHASE_CARGO_ARGS "auto" CACHE STRING "Arguments of cargo build (a list); auto: --release and what suits the crates")

# With a distribution's crates no network is needed. Their versions are not those of Cargo.lock.
set(crates "${TCPPHASE_CRATES}")
if(crates STREQUAL "auto")
  set(crates "/usr/share/cargo/registry")
  foreach(crate nom-[78] libc-0.2 once_cell-1)
    file(GLOB found "/usr/share/cargo/registry/${crate}.*")
    if(NOT found)
      set(crates "")
    endif()
  endforeach()
endif()

if(crates)
  set(cargo_arguments --release --offline)
  # Links to the sources: beside them cargo finds this configuration and keeps a Cargo.lock of its own.
  set(cargo_dir "${CMAKE_BINARY_DIR}/rust")
  file(MAKE_DIRECTORY "${cargo_dir}/.cargo")
  file(REMOVE "${cargo_dir}/Cargo.lock")
  foreach(name Cargo.toml dissector ffi)
    file(CREATE_LINK "${source_root}/${name}" "${cargo_dir}/${name}" SYMBOLIC)
  endforeach()
  file(CONFIGURE OUTPUT "${cargo_dir}/.cargo/config.toml" CONTENT [[
[source.crates-io]
replace-with = "distribution"
[source.distribution]
directory = "@crates@"
]] @ONLY)
else()
  set(cargo_arguments --release --locked)
  set(cargo_dir "${source_root}")
endif()
if(NOT TCPPHASE_CARGO_ARGS STREQUAL "auto")
  set(cargo_arguments ${TCPPHASE_CARGO_ARGS})
endif()
set(cargo_test_arguments ${cargo_arguments})
list(REMOVE_ITEM cargo_test_arguments --release)

set(cargo_target "${CMAKE_BINARY_DIR}/cargo")
if(TCPPHASE_STATIC)
  set(built "${cargo_target}/release/libtcpphase_ffi.a")
  set(TCPPHASE_RUST_OUTPUT "${CMAKE_BINARY_DIR}/libtcpphase.a")
  add_library(tcpphase_rust STATIC IMPORTED)
  # What Rust's standard library needs.
  set_target_properties(tcpphase_rust PROPERTIES INTERFACE_LINK_LIBRARIES "gcc_s;util;rt;pthread;m;dl;c")
else()
  set(built "${cargo_target}/release/libtcpphase_ffi.so")
  # Beside the plugin. Wireshark takes no file for a plugin that does not end in .so.
  set(TCPPHASE_RUST_OUTPUT "${plugins_dir}/epan/libtcpphase.so.0")
  add_library(tcpphase_rust SHARED IMPORTED)
  set_target_properties(tcpphase_rust PROPERTIES IMPORTED_SONAME libtcpphase.so.0)
endif()
set_target_properties(tcpphase_rust PROPERTIES IMPORTED_LOCATION "${TCPPHASE_RUST_OUTPUT}")
target_include_directories(tcpphase_rust INTERFACE "${source_root}/ffi/include")

# Always run: only cargo knows whether there is something to do.
add_custom_target(rust ALL
  COMMAND "${CARGO}" build ${cargo_arguments} --package tcpphase-ffi --target-dir "${cargo_target}"
  COMMAND ${CMAKE_COMMAND} -E copy_if_different "${built}" "${TCPPHASE_RUST_OUTPUT}"
  WORKING_DIRECTORY "${cargo_dir}"
  BYPRODUCTS "${TCPPHASE_RUST_OUTPUT}"
  COMMENT "Building the Rust library"
  VERBATIM)

# The header is committed; this makes it anew after a change in ffi/.
find_program(CBINDGEN cbindgen)
if(CBINDGEN)
  add_custom_target(header
    COMMAND "${CBINDGEN}" --config ffi/cbindgen.toml --crate tcpphase-ffi --output ffi/include/tcpphase.h
    WORKING_DIRECTORY "${source_root}"
    COMMENT "Making ffi/include/tcpphase.h"
    VERBATIM)
endif()
