//! What tshark finds in a capture, as items: its JSON, read.
//!
//! Left out: packets that an ICMP error quotes; tshark shows them as if they had been sent.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value};

use super::item::{Item, Protocol, dns, request, web_socket};

/// The version of tshark; `None` where it is not installed.
pub(super) fn version() -> Option<String> {
    let output = Command::new("tshark").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next()?.to_owned())
}

/// Captures that lost packets. Told to put segments in order, tshark shows nothing of a direction behind its first hole
/// until the missing ones come.
const WITH_LOSS: [&str; 5] = [
    "erspan.pcap",
    "1000-requests-one-dropped-response.pcap.gz",
    "bro.org.pcap",
    "zero-length-bodies-with-drops.pcap",
    "gap-recovery.pcap",
];

/// Runs tshark on a capture, with the key log that lies beside it.
///
/// `-n` keeps it off the network. It puts segments in order only if it is told to, and looks for HTTP/2 in clear only on
/// ports of HTTP, so those of the captures that hold it are named.
pub(super) fn items(path: &Path) -> Vec<Item> {
    let mut tshark = Command::new("tshark");
    tshark.arg("-r").arg(path).arg("-n");
    if !WITH_LOSS.iter().any(|name| path.ends_with(name)) {
        tshark.args(["-o", "tcp.reassemble_out_of_order:TRUE"]);
    }
    tshark.args(["-d", "tcp.port==8082,http", "-d", "tcp.port==19446,http"]);
    let keys = path.with_extension("keylog");
    if keys.exists() {
        tshark.arg("-o").arg(format!("tls.keylog_file:{}", keys.display()));
    }
    tshark.args(["-Y", "http or http2 or websocket or dns or mdns or llmnr"]);
    tshark.args(["-T", "json", "--no-duplicate-keys"]);
    tshark.args(["-J", "icmp icmpv6 tcp http http2 websocket dns mdns llmnr"]);
    let output = tshark.output().unwrap();
    // A capture that is damaged or not one gives what comes before, and an exit code of 2.
    let is_read = output.status.success() || output.status.code() == Some(2);
    assert!(is_read, "{}: tshark: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    read(&String::from_utf8_lossy(&output.stdout))
        .unwrap_or_else(|error| panic!("{}: tshark's JSON: {error}", path.display()))
}

fn read(json: &str) -> Result<Vec<Item>, serde_json::Error> {
    if json.trim().is_empty() {
        return Ok(Vec::new());
    }
    let packets: Vec<Value> = serde_json::from_str(json)?;
    let (mut items, mut sockets) = (Vec::new(), Sockets::default());
    for packet in &packets {
        let layers = &packet["_source"]["layers"];
        if layers["icmp"].is_object() || layers["icmpv6"].is_object() {
            continue;
        }
        for head in each(&layers["http"]) {
            items.extend(http1(head));
        }
        let streams = each(&layers["http2"]).flat_map(|frames| each(&frames["http2.stream"]));
        items.extend(streams.filter_map(http2));
        let direction = |tcp: &Value| (text(&tcp["tcp.stream"]), text(&tcp["tcp.srcport"]));
        let direction = each(&layers["tcp"]).last().map(direction).unwrap_or_default();
        items.extend(each(&layers["websocket"]).filter_map(|frame| sockets.take(&direction, frame)));
        let messages = ["dns", "mdns", "llmnr"].into_iter().flat_map(|name| each(&layers[name]));
        items.extend(messages.filter_map(dns_message));
    }
    Ok(items)
}

/// A value, or all of an array of them: what is there more than once.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(all) => all.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
    .iter()
}

fn text(value: &Value) -> String {
    each(value).next().and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number(value: &Value) -> Option<u64> {
    let text = value.as_str()?;
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Objects that have a field of this name, however deep.
fn having<'v>(value: &'v Value, name: &str, found: &mut Vec<&'v Map<String, Value>>) {
    match value {
        Value::Object(object) if object.contains_key(name) => found.push(object),
        Value::Object(object) => object.values().for_each(|inner| having(inner, name, found)),
        Value::Array(all) => all.iter().for_each(|inner| having(inner, name, found)),
        _ => {}
    }
}

/// First lines stand in an object of their own, named after the line.
fn http1(head: &Value) -> Option<Item> {
    let mut lines = Vec::new();
    having(head, "http.response.code", &mut lines);
    if let Some(line) = lines.first() {
        return Some(Item::new(Protocol::Http1, &text(&line["http.response.code"])));
    }
    having(head, "http.request.method", &mut lines);
    let line = lines.first()?;
    let host = head.get("http.host").map(text);
    let [method, target] = ["http.request.method", "http.request.uri"].map(|name| line.get(name).map(text));
    let host = host.as_ref().map(String::as_bytes);
    Some(request(Protocol::Http1, method?.as_bytes(), host, target.unwrap_or_default().as_bytes()))
}

fn http2(frame: &Value) -> Option<Item> {
    let field = |name: &str| {
        let mut fields = each(&frame["http2.header"]);
        fields
            .find(|field| field["http2.header.name"] == name)
            .map(|field| text(&field["http2.header.value"]))
    };
    if let Some(status) = field(":status") {
        return Some(Item::new(Protocol::Http2, &status));
    }
    let (method, path, host) = (field(":method")?, field(":path").unwrap_or_default(), field(":authority"));
    let host = host.as_ref().map(String::as_bytes);
    Some(request(Protocol::Http2, method.as_bytes(), host, path.as_bytes()))
}

fn dns_message(message: &Value) -> Option<Item> {
    let id = u16::try_from(number(&message["dns.id"])?).ok()?;
    let mut flags = Vec::new();
    having(message, "dns.flags.response", &mut flags);
    let is_response =
        flags.first().is_some_and(|flags| matches!(flags["dns.flags.response"].as_str(), Some("1")));
    let mut questions = Vec::new();
    // Those of an update stand under another title.
    having(message, "dns.qry.name", &mut questions);
    let question = |one: &&Map<String, Value>| {
        let name = text(&one["dns.qry.name"]);
        let name = if name == "<Root>" { ".".to_owned() } else { name };
        let kind = one.get("dns.qry.type").and_then(number).unwrap_or_default();
        (name, u16::try_from(kind).unwrap_or_default())
    };
    Some(dns(is_response, id, questions.iter().map(question)))
}

/// A direction of a stream: its number, and the sender's port.
type Direction = (String, String);

/// Messages of WebSocket that are under way: opcode, length, whether compressed.
#[derive(Default)]
struct Sockets(HashMap<Direction, (u8, u64, bool)>);

impl Sockets {
    /// tshark shows frames; the message is whole at its last one.
    fn take(&mut self, direction: &Direction, frame: &Value) -> Option<Item> {
        let field = |name: &str| number(&frame[format!("websocket.{name}").as_str()]);
        let opcode = u8::try_from(field("opcode")?).ok()?;
        let lengths = ["payload_length_ext_64", "payload_length_ext_16", "payload_length"];
        let len = lengths.into_iter().find_map(field)?;
        if opcode >= 8 {
            return Some(web_socket(opcode, Some(len)));
        }
        let is_compressed = field("rsv").is_some_and(|bits| bits & 4 != 0);
        let (first, before, is_compressed) = self.0.remove(direction).unwrap_or((opcode, 0, is_compressed));
        let all = before + len;
        if field("fin") == Some(1) {
            return Some(web_socket(first, (!is_compressed).then_some(all)));
        }
        self.0.insert(direction.clone(), (first, all, is_compressed));
        None
    }
}
