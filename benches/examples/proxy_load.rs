//! What `coldcase proxy` does under load beside a bare proxy of the same library, in a program that is client, server and bare
//! proxy itself.
//!
//!     cargo build --release
//!     cargo run --release -p coldcase-benches --example proxy_load -- target/release/coldcase [ARGS OF proxy]
//!
//! JSON bodies of 2 KB go out and come back over kept connections, in the clear, on loopback: first as fast as 32 clients can,
//! then with 4 for the times. The three ways take turns, so that a machine that slows down slows all. Client, server and proxy
//! share the processors. Left out: TLS, new connections.

#![expect(clippy::print_stdout, reason = "a tool that prints what it measures")]
#![expect(clippy::disallowed_methods, reason = "it times, and starts the program that it measures")]

use std::convert::Infallible;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SECONDS: u64 = 4;
const TURNS: usize = 3;
const BODY: usize = 2048;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut args = std::env::args_os().skip(1);
    let first = args.next().ok_or_else(|| io::Error::other("name the coldcase binary"))?;
    match first.to_str() {
        Some("--serve") => return serve(false).await,
        Some("--bare") => return serve(true).await,
        _ => {}
    }
    let rest: Vec<OsString> = args.collect();
    let own = std::env::current_exe()?;
    let (_server, server) = started(Command::new(&own).arg("--serve"))?;
    let (_bare, bare) = started(Command::new(&own).arg("--bare"))?;
    let mut command = Command::new(&first);
    command.args(["proxy", "--listen", "127.0.0.1:0", "--allow-address", "127.0.0.1"]).args(rest);
    let (_proxy, proxy) = started(&mut command)?;
    let ways = [("no proxy", &server), ("bare hyper", &bare), ("coldcase", &proxy)];
    for clients in [32, 4] {
        let mut times: Vec<Vec<Duration>> = vec![Vec::new(); ways.len()];
        for _ in 0..TURNS {
            for ((_, address), times) in ways.iter().zip(&mut times) {
                times.extend(run(clients, address, &server).await?);
            }
        }
        println!("{clients} clients, {BODY} bytes each way:");
        for ((name, _), times) in ways.iter().zip(&mut times) {
            times.sort_unstable();
            let rate = times.len() as u64 / (SECONDS * TURNS as u64);
            println!("  {name:<10} {rate:>6}/s, median {:?}, p99 {:?}", at(times, 50), at(times, 99));
        }
    }
    Ok(())
}

fn at(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default()
}

/// A process that is ended with its owner.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

/// Starts a program that says on standard error where it listens.
fn started(command: &mut Command) -> Result<(Ended, String), Failure> {
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let errors = child.stderr.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let child = Ended(child);
    let mut lines = BufReader::new(errors).lines();
    while let Some(line) = lines.next().transpose()? {
        if let Some((_, address)) = line.split_once("listening on ") {
            let address = address.to_owned();
            // What it says must go somewhere.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok((child, address));
        }
    }
    Err(io::Error::other("it does not listen").into())
}

/// JSON without anything to find, as long as asked for.
fn json() -> String {
    let words = "The quarterly figures of the northern branch were read again and put into the table. ";
    let text: String = words.chars().cycle().take(BODY - 40).collect();
    format!("{{\"title\":\"figures\",\"text\":\"{text}\"}}")
}

async fn run(clients: usize, address: &str, server: &str) -> Result<Vec<Duration>, Failure> {
    let body = json();
    // To a server as to a proxy: both take the absolute form (RFC 9112, section 3.2.2).
    let request = format!(
        "POST http://{server}/figures HTTP/1.1\r\nhost: {server}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (address, request) = (address.to_owned(), request.clone());
        let length = body.len();
        tasks.push(tokio::spawn(async move { client(&address, request.as_bytes(), length, until).await }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await??);
    }
    Ok(all)
}

/// Sends a request over and over; the answer's body is as long as its own.
async fn client(
    address: &str,
    request: &[u8],
    length: usize,
    until: Instant,
) -> Result<Vec<Duration>, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut times, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    while Instant::now() < until {
        let start = Instant::now();
        stream.write_all(request).await?;
        let mut held = 0;
        loop {
            let read = stream.read(buffer.get_mut(held..).unwrap_or_default()).await?;
            held += read;
            let text = buffer.get(..held).unwrap_or_default();
            if read == 0 || !text.starts_with(b"HTTP/1.1 200") && held > 12 {
                let text = String::from_utf8_lossy(text).into_owned();
                return Err(io::Error::other(format!("not an answer: {text}")).into());
            }
            let blank = text.windows(4).position(|window| window == b"\r\n\r\n");
            if blank.is_some_and(|blank| held >= blank + 4 + length) {
                break;
            }
        }
        times.push(start.elapsed());
    }
    Ok(times)
}

/// A server that sends back what it gets, or a proxy that does nothing else than take in and pass on.
async fn serve(is_proxy: bool) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    {
        use std::io::Write;
        writeln!(io::stderr(), "listening on {}", listener.local_addr()?)?;
    }
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let client = client.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let client = client.clone();
                async move { Ok::<_, Infallible>(answer(is_proxy, client, request).await) }
            });
            let builder = hyper::server::conn::http1::Builder::new();
            let _gone = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    is_proxy: bool,
    client: Client<HttpConnector, Full<Bytes>>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let passed = async {
        let (head, body) = request.into_parts();
        let body = Full::new(body.collect().await?.to_bytes());
        if !is_proxy {
            let mut response = Response::new(body);
            if let Some(kind) = head.headers.get(CONTENT_TYPE) {
                response.headers_mut().insert(CONTENT_TYPE, kind.clone());
            }
            return Ok::<_, Failure>(response);
        }
        let (head, body) = client.request(Request::from_parts(head, body)).await?.into_parts();
        Ok(Response::from_parts(head, Full::new(body.collect().await?.to_bytes())))
    };
    passed.await.unwrap_or_else(|_| {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}
