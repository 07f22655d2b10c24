//! A protocol of the kernel, by the kernel's own header: the network block device. Its answers do not
//! say how long they are; the request did.

use std::path::{Path, PathBuf};

use super::*;

const PROTOCOL: &str = r#"
header = "/usr/include/linux/nbd.h"
endian = "big"

[[message]]                     # old-style negotiation: size and flags of the export, then zeros
side = "server"
times = 1
when = "be64(0) == 0x4e42444d41474943"
length = 152

[[message]]
side = "client"
record = "nbd_request"
when = "magic == NBD_REQUEST_MAGIC"
length = "sizeof(struct nbd_request) + ((type & 0xffff) == NBD_CMD_WRITE ? len : 0)"
remember = { table = "reads", key = "be64(8)", value = "(type & 0xffff) == NBD_CMD_READ ? len : 0" }

[[message]]
side = "server"
record = "nbd_reply"
when = "magic == NBD_REPLY_MAGIC"
length = "sizeof(struct nbd_reply) + (error ? 0 : recall(reads, be64(8)))"
"#;

fn nbd() -> Option<Protocol> {
    let file = ProtocolFile::parse("nbd.toml", PROTOCOL).unwrap_or_else(|error| panic!("{error}"));
    let path = file.headers().next().map(Path::new)?;
    if !path.exists() {
        assert!(std::env::var_os("CI").is_none(), "this test needs {}", path.display());
        eprintln!("skipped: {} is not installed", path.display());
        return None;
    }
    let mut options = cwire_header::Options::new(Abi::X86_64_LINUX);
    let dirs = ["/usr/include", "/usr/include/x86_64-linux-gnu"];
    options.include_dirs = dirs.map(PathBuf::from).to_vec();
    let mut header =
        cwire_header::read_file(path, &options).unwrap_or_else(|error| panic!("{error}"));
    let types = header.types.clone();
    let mut names = |name: &str| header.constant(name).map_err(|error| error.message().to_owned());
    let protocol = file.compile(&types, &mut names, &PlanOptions::default());
    Some(protocol.unwrap_or_else(|error| panic!("{error}")))
}

/// A request as the NBD protocol lays it out ("Request message").
fn request(command: u32, handle: u64, from: u64, len: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = 0x2560_9513u32.to_be_bytes().to_vec();
    bytes.extend(command.to_be_bytes());
    bytes.extend(handle.to_be_bytes());
    bytes.extend(from.to_be_bytes());
    bytes.extend(len.to_be_bytes());
    bytes.extend(data);
    bytes
}

/// A simple reply ("Simple reply message").
fn reply(error: u32, handle: u64, data: &[u8]) -> Vec<u8> {
    let mut bytes = 0x6744_6698u32.to_be_bytes().to_vec();
    bytes.extend(error.to_be_bytes());
    bytes.extend(handle.to_be_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn answers_to_reads_are_as_long_as_what_was_asked_for() {
    let Some(protocol) = nbd() else { return };
    let mut conversation = protocol.conversation();
    let mut greeting = b"NBDMAGIC\x00\x00\x42\x02\x81\x86\x12\x53".to_vec();
    greeting.resize(152, 0);
    let (read, write, flush) = (0, 1 | 1 << 16, 3);
    let asked = [
        request(read, 7, 0, 512, &[]),
        request(write, 8, 4096, 3, b"abc"),
        request(read, 9, 0, 100, &[]),
        request(flush, 7 << 32, 0, 0, &[]),
        request(read, 10, 0, 64, &[]),
    ]
    .concat();
    let heads: Vec<_> =
        [28, 31, 28, 28, 28].map(|len| format!("#1 {len}: nbd_request 0..{len}")).to_vec();
    assert_eq!(tell(&mut conversation, Some(Side::Client), &[&asked], false), heads);

    // Out of order, and one that failed.
    let answers = [
        greeting,
        reply(0, 8, &[]),
        reply(0, 9, &[0x67; 100]),
        reply(5, 10, &[]),
        reply(0, 7, &[0; 512]),
        reply(0, 7 << 32, &[]),
    ]
    .concat();
    let chunks: Vec<_> = answers.chunks(37).collect();
    let told = tell(&mut conversation, Some(Side::Server), &chunks, true);
    let lens = [16, 116, 16, 528, 16].map(|len| format!("#2 {len}: nbd_reply 0..{len}"));
    assert_eq!(told[0], "#0 152: ");
    assert_eq!(told[1..], lens);
}

#[test]
fn after_a_gap_the_next_two_answers_are_found() {
    let Some(protocol) = nbd() else { return };
    let mut conversation = protocol.conversation();
    conversation.gap(Some(Side::Server), 0, 1448);
    let bytes = [vec![0x67; 300], reply(0, 1, &[]), reply(0, 2, &[])].concat();
    let chunks: Vec<_> = bytes.chunks(11).collect();
    let told = tell(&mut conversation, Some(Side::Server), &chunks, true);
    assert_eq!(told, ["passed 300", "#2 16: nbd_reply 0..16", "#2 16: nbd_reply 0..16"]);
}
