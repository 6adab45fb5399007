//! Writes the seeds of a fuzz target, one file each, and the words that its octets are made of: `seeds TARGET FOLDER WORDS`.

use std::io::Write;
use std::path::Path;
use tcpphase_tests::fuzz::mutation::WORDS;
use tcpphase_tests::fuzz::seeds::seeds;
use tcpphase_tests::fuzz::TARGETS;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, folder, words) = match &arguments[..] {
        [name, folder, words] => (name, Path::new(folder), words),
        _ => panic!("usage: seeds TARGET FOLDER WORDS"),
    };
    let target = TARGETS.iter().find(|target| target.0 == name).expect("a target");
    std::fs::create_dir_all(folder)?;
    for (name, octets) in seeds(target) {
        std::fs::write(folder.join(name), octets)?;
    }
    let mut file = std::fs::File::create(words)?;
    for word in WORDS {
        let octets: String = word.iter().map(|octet| format!("\\x{octet:02x}")).collect();
        writeln!(file, "\"{octets}\"")?;
    }
    Ok(())
}
