//! Ends, signals, exit status and back-pressure: as if the server had no wrapper.

use std::process::Command;
use std::time::Duration;

use super::client::{Live, call, result};
use crate::command::coldcase;

#[test]
fn the_exit_status_is_that_of_the_server() {
    for code in [0, 1, 7, 64, 255] {
        let wrapped = Live::start(&[]);
        std::fs::write(wrapped.at("exit"), code.to_string()).unwrap();
        assert_eq!(wrapped.wait().status.code(), Some(code));
    }
}

#[test]
fn what_a_server_says_last_is_passed_on_before_the_end() {
    let mut wrapped = Live::start(&[]);
    for id in 0..50 {
        wrapped.serve(result(&id.to_string(), &"x y ".repeat(5000)));
    }
    std::fs::write(wrapped.at("exit"), "3").unwrap();
    // The client is slow.
    std::thread::sleep(Duration::from_millis(300));
    let end = wrapped.wait();
    assert_eq!((end.status.code(), end.lines.len()), (Some(3), 50));
}

#[test]
fn standard_error_is_the_servers_own() {
    let wrapped = Live::start(&[]);
    let end = wrapped.end();
    assert!(end.stderr.starts_with("scripted server "), "{}", end.stderr);
    assert_eq!(end.stderr.lines().count(), 1, "{}", end.stderr);
}

#[test]
fn a_command_that_cannot_be_started_is_an_error() {
    let outcome = coldcase(["mcp", "--", "/no/such/server"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("/no/such/server"), "{}", outcome.stderr);
    assert_eq!(coldcase(["mcp"]).code, 64);
    assert_eq!(coldcase(["mcp", "--record", "x", "--", "true"]).code, 64, "a log needs a key");
    let outcome = coldcase(["mcp", "--policy", "no-such", "--", "true"]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
}

#[test]
fn a_server_that_does_not_read_holds_the_client_up_and_not_the_other_direction() {
    let mut wrapped = Live::start(&[]);
    std::fs::write(wrapped.at("hold"), "").unwrap();
    // More than pipes and buffers hold: the server does not read.
    let line = format!("{}\n", call("1", &"x y ".repeat(4000)));
    let mut stdin = wrapped.take_stdin();
    let text = line.repeat(40);
    let writer = std::thread::spawn(move || {
        use std::io::Write;
        stdin.write_all(text.as_bytes()).unwrap();
        stdin
    });
    std::thread::sleep(Duration::from_millis(300));
    assert!(!writer.is_finished(), "the client is held up");
    wrapped.serve(result("2", "fine"));
    assert_eq!(wrapped.line(), result("2", "fine"), "the other direction goes on");
    std::fs::remove_file(wrapped.at("hold")).unwrap();
    wrapped.put_stdin(writer.join().unwrap());
    wrapped.wait_received(40);
    assert_eq!(wrapped.end().received, line.repeat(40));
}

#[cfg(unix)]
fn signal(name: &str, id: u32) {
    assert!(Command::new("kill").args(["-s", name, &id.to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn signals_go_to_the_server_and_its_end_by_one_is_ours() {
    use std::os::unix::process::ExitStatusExt;
    for (name, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let wrapped = Live::start(&[]);
        Live::wait_for("the server", || wrapped.at("pid").exists());
        signal(name, wrapped.id());
        let end = wrapped.wait();
        assert_eq!((end.status.signal(), end.status.code()), (Some(number), None), "{name}");
    }
    let wrapped = Live::start(&[]);
    std::fs::write(wrapped.at("exit"), "abort").unwrap();
    assert_eq!(wrapped.wait().status.signal(), Some(6));
}

#[cfg(unix)]
#[test]
fn a_server_whose_wrapper_is_killed_sees_the_end_of_its_input() {
    let wrapped = Live::start(&[]);
    Live::wait_for("the server", || wrapped.at("pid").exists());
    signal("KILL", wrapped.id());
    Live::wait_for("the end of its input", || wrapped.at("eof").exists());
}

#[test]
fn the_end_of_the_clients_input_reaches_the_server_which_may_go_on() {
    let mut wrapped = Live::start(&[]);
    std::fs::write(wrapped.at("stay"), "").unwrap();
    wrapped.send(call("1", "fine"));
    drop(wrapped.take_stdin());
    Live::wait_for("the end of its input", || wrapped.at("eof").exists());
    wrapped.serve(result("1", "fine"));
    assert_eq!(wrapped.line(), result("1", "fine"));
    std::fs::remove_file(wrapped.at("stay")).unwrap();
    assert_eq!(wrapped.wait().status.code(), Some(0));
}
