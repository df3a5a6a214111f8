//! `proxy`: from the arguments to the end, with the signals between.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, bail};
use coldcase_engine::Pack;
use coldcase_evidence::EntryKind;
use hyper::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::json;

use super::address::Net;
use super::authority::Authority;
use super::counters::{Counters, add};
use super::dial::{Connector, Dialler};
use super::endpoints::Endpoints;
use super::judge::Judge;
use super::room::Room;
use super::rpc::Lanes;
use super::serve::{Limits, Proxy};
use super::sessions::Sessions;
use super::switch::Switch;
use super::{admin, env, listener, trust};
use crate::args::ProxyArgs;
use crate::config::Ruleset;
use crate::live::fold::{Fold, lock};
use crate::live::record::Recorder;
use crate::live::run::hush_panics;
use crate::random;
use crate::regular_file::hex;
use crate::term::{self, Exit};

/// How long connections to servers are kept for the next request.
const KEPT: Duration = Duration::from_mins(1);

pub(crate) fn proxy(args: &ProxyArgs) -> anyhow::Result<Exit> {
    if args.print_env {
        env::print(args)?;
        return Ok(Exit::Done);
    }
    let Ruleset { pack, policy, .. } = Ruleset::load(&args.ruleset)?;
    // What scans is on threads that may outlive everything else here, up to the end of the process.
    let pack: &'static Pack = Box::leak(Box::new(pack));
    hush_panics();
    let name = format!("p{}", hex(&random::bytes::<3>()?));
    let start = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "policy": policy.name(),
        "policy_sha256": policy.digest().to_string(),
        "sessions": name,
        "intercept": args.intercept,
        "reverse": args.upstream.is_some(),
    });
    let transport = if args.upstream.is_some() { "mcp_http" } else { "forward" };
    let recorder = Recorder::open(&args.recording, &args.session, transport)?;
    let fold = Arc::new(Mutex::new(Fold::new(pack, policy, recorder)));
    let proxy = Arc::new(build(args, name, pack, &fold)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let ran = runtime.block_on(run(args, &proxy, &start));
    // Scans that nobody waits for any more do not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    let closed = close(&fold, &proxy.counters);
    ran?;
    closed?;
    Ok(Exit::Done)
}

fn build(
    args: &ProxyArgs,
    name: String,
    pack: &'static Pack,
    fold: &Arc<Mutex<Fold>>,
) -> anyhow::Result<Proxy> {
    let upstream = args.upstream.as_deref().map(upstream).transpose()?;
    let seconds = Duration::from_secs;
    let mut allowed = args.allow_address.iter().map(|net| Net::parse(net)).collect::<Result<Vec<_>, _>>()?;
    if upstream.is_some() {
        // It leads to the one server that was named, wherever that is.
        allowed.extend([Net::parse("0.0.0.0/0")?, Net::parse("::/0")?]);
    }
    let dialler = Dialler { allowed: allowed.into(), patience: seconds(args.header_seconds) };
    let tls = trust::client(&args.trust)?;
    let client = |protocols: &[&str]| {
        let connector = Connector { dialler: dialler.clone(), tls: trust::speaking(&tls, protocols) };
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(KEPT);
        builder.build(connector)
    };
    let counters = Arc::new(Counters::default());
    let scan = seconds(args.scan_seconds);
    let authority = match &args.ca {
        Some(folder) if args.intercept => Some(Authority::open(folder)?),
        _ => None,
    };
    Ok(Proxy {
        judge: Arc::new(Judge::new(pack, Arc::clone(fold), scan, Arc::clone(&counters))),
        lanes: Lanes::new(pack, Arc::clone(fold), scan),
        client: client(&["h2", "http/1.1"]),
        client_1: client(&["http/1.1"]),
        dialler,
        authority,
        upstream,
        limits: Limits {
            body: usize::try_from(args.max_body)?,
            header: seconds(args.header_seconds),
            idle: seconds(args.idle_seconds),
            connections: usize::try_from(args.max_connections)?,
        },
        counters,
        switch: Switch::new(),
        is_local: args.listen.ip().is_loopback(),
        sessions: Sessions::new(name),
        endpoints: Endpoints::default(),
        room: Room::new(usize::try_from(args.max_held)?),
    })
}

fn upstream(text: &str) -> anyhow::Result<Uri> {
    let uri: Uri = text.parse().with_context(|| format!("--upstream {text:?} is no URL"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() {
        bail!("--upstream takes an http or https URL, and {text:?} is none");
    }
    Ok(uri)
}

async fn run(args: &ProxyArgs, proxy: &Arc<Proxy>, start: &serde_json::Value) -> anyhow::Result<()> {
    let admin = match args.admin {
        Some(address) => Some(admin::open(address).await?),
        None => None,
    };
    lock(&proxy.judge.fold).recorder.note(EntryKind::Capture, "proxy_start", "the proxy starts", start)?;
    #[cfg(unix)]
    signals(args, proxy)?;
    #[cfg(not(unix))]
    {
        let proxy = Arc::clone(proxy);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                proxy.switch.end();
            }
        });
    }
    if let Some(file) = args.kill_file.clone() {
        let proxy = Arc::clone(proxy);
        // Before the first connection is taken.
        if proxy.switch.look(&file) {
            switched(&proxy, true, "file");
        }
        tokio::spawn(async move {
            proxy.switch.follow(file, |killed| switched(&proxy, killed, "file")).await;
        });
    }
    if let Some(admin) = admin {
        tokio::spawn(admin::run(admin, Arc::clone(proxy)));
    }
    let listener = listener::open(args.listen).await?;
    listener::run(listener, Arc::clone(proxy)).await;
    Ok(())
}

/// Reload, switches and the end.
#[cfg(unix)]
fn signals(args: &ProxyArgs, proxy: &Arc<Proxy>) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let watch = |kind: SignalKind| signal(kind).context("cannot watch for signals");
    let mut reload = watch(SignalKind::hangup())?;
    let mut stop = watch(SignalKind::user_defined1())?;
    let mut go = watch(SignalKind::user_defined2())?;
    let (mut interrupt, mut terminate) = (watch(SignalKind::interrupt())?, watch(SignalKind::terminate())?);
    let (proxy, ruleset) = (Arc::clone(proxy), args.ruleset.clone());
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _signal = reload.recv() => reloaded(&proxy, Ruleset::policy(&ruleset)),
                _signal = stop.recv() => if proxy.switch.signal(true) { switched(&proxy, true, "signal") },
                _signal = go.recv() => if proxy.switch.signal(false) { switched(&proxy, false, "signal") },
                _signal = interrupt.recv() => proxy.switch.end(),
                _signal = terminate.recv() => proxy.switch.end(),
            }
        }
    });
    Ok(())
}

/// Judges by another policy from now on, with the sessions as they are; a policy that cannot be read changes nothing.
#[cfg(unix)]
fn reloaded(proxy: &Proxy, policy: anyhow::Result<coldcase_engine::Policy>) {
    match policy {
        Ok(policy) => {
            let detail = json!({ "policy": policy.name(), "policy_sha256": policy.digest().to_string() });
            let mut fold = lock(&proxy.judge.fold);
            fold.set_policy(policy);
            let _told_already =
                fold.recorder.note(EntryKind::Capture, "policy_reload", "the policy was read again", &detail);
            drop(fold);
            add(&proxy.counters.reloads);
            term::note("coldcase: the policy was read again");
        }
        Err(error) => {
            term::error(&error);
            term::note("coldcase: the policy stays as it was");
        }
    }
}

fn switched(proxy: &Proxy, killed: bool, by: &str) {
    let summary = if killed { "all traffic is stopped" } else { "traffic runs again" };
    let detail = json!({ "killed": killed, "by": by });
    let mut fold = lock(&proxy.judge.fold);
    let _told_already = fold.recorder.note(EntryKind::Capture, "kill_switch", summary, &detail);
}

/// Ends the record.
fn close(fold: &Mutex<Fold>, counters: &Counters) -> anyhow::Result<()> {
    let mut fold = lock(fold);
    let [events, touched] = fold.counts;
    let summary = format!("the proxy ends: {events} events, {touched} of them blocked or stripped");
    let requests = counters.requests.load(Ordering::Relaxed);
    let detail = json!({ "events": events, "touched": touched, "requests": requests });
    let noted = fold.recorder.note(EntryKind::Capture, "proxy_end", &summary, &detail);
    noted.and(fold.recorder.close())
}
