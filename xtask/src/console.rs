//! What a person or a log sees while chores run: each step, what it is doing now, and how long it took.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Read, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process;

/// How often a log that is no terminal hears that a step still runs.
const HEARTBEAT: Duration = Duration::from_secs(15);
const TICK: Duration = Duration::from_millis(500);
const WIDTH: usize = 70;

/// Where steps report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    verbose: bool,
    terminal: bool,
    limit: Option<Duration>,
    aside: bool,
}

/// How a step ended.
pub(crate) struct Finished {
    pub(crate) ok: bool,
    /// What a reader wants to see: the lines of both outputs in the order in which they came, without Cargo's messages
    /// for programs.
    pub(crate) output: String,
    /// The lines of the standard output alone.
    pub(crate) stdout: String,
}

/// Which of its two outputs a step wrote a line to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

impl Console {
    pub(crate) fn new(verbose: bool) -> Self {
        Self { verbose, terminal: std::io::stdout().is_terminal(), limit: None, aside: false }
    }

    /// The same, for steps that are ended when they take longer.
    pub(crate) fn within(self, limit: Duration) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// The same on the error output, where another program reads the standard output.
    pub(crate) fn aside(self) -> Self {
        Self { aside: true, terminal: false, ..self }
    }

    /// A line for the reader.
    pub(crate) fn say(&self, text: &str) {
        if self.aside {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    }

    /// The result of a step that took `started.elapsed()`.
    pub(crate) fn done(&self, ok: bool, label: &str, started: Instant) {
        let mark = if ok { "ok  " } else { "FAIL" };
        let clear = if self.terminal && !self.verbose { "\r\x1b[K" } else { "" };
        self.say(&format!("{clear}{mark}  {label}  ({})", seconds(started.elapsed())));
    }

    /// Runs one step and returns how it ended; a step that cannot be started is an error.
    pub(crate) fn attempt(&self, label: &str, command: &mut Command) -> Result<Finished> {
        let started = Instant::now();
        if !self.terminal || self.verbose {
            self.say(&format!("      {label} …"));
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{label}: cannot start {}", command.get_program().to_string_lossy()))?;
        let (sender, lines) = channel();
        forward(child.stdout.take(), Stream::Out, sender.clone());
        forward(child.stderr.take(), Stream::Err, sender);
        let (mut output, mut stdout) = (String::new(), String::new());
        let mut last = String::new();
        let mut beat = Instant::now();
        let mut late = None;
        loop {
            if late.is_none() && self.limit.is_some_and(|limit| started.elapsed() > limit) {
                late = Some(format!("{label}: ended after {}, its limit", seconds(started.elapsed())));
                process::end_with_children(child.id());
                let _ended_by_itself = child.kill();
            }
            match lines.recv_timeout(TICK) {
                Ok((stream, line)) => {
                    if stream == Stream::Out {
                        stdout.push_str(&line);
                        stdout.push('\n');
                    }
                    if line.starts_with("{\"reason\":") {
                        continue;
                    }
                    if self.verbose {
                        self.say(&line);
                    }
                    output.push_str(&line);
                    output.push('\n');
                    if !line.trim().is_empty() {
                        last = line.trim().chars().take(WIDTH).collect();
                    }
                }
                // What the program left running may hold the outputs open; nobody waits for it.
                Err(RecvTimeoutError::Timeout) if child.try_wait()?.is_some() => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.progress(label, &last, started, &mut beat);
        }
        let ok = child.wait()?.success() && late.is_none();
        self.done(ok, label, started);
        if let Some(late) = late {
            if self.verbose {
                self.say(&late);
            }
            output.push_str(&late);
            output.push('\n');
        }
        Ok(Finished { ok, output, stdout })
    }

    /// Runs one step; when it fails, shows its output and is an error.
    pub(crate) fn run(&self, label: &str, command: &mut Command) -> Result<()> {
        let finished = self.attempt(label, command)?;
        if !finished.ok {
            self.show(&finished.output);
            bail!("{label}: failed");
        }
        Ok(())
    }

    /// Shows the output of a step that failed, unless it was shown already.
    pub(crate) fn show(&self, output: &str) {
        if !self.verbose {
            self.say(output.trim_end());
        }
    }

    fn progress(&self, label: &str, last: &str, started: Instant, beat: &mut Instant) {
        let due = if self.terminal { TICK } else { HEARTBEAT };
        if self.verbose || beat.elapsed() < due {
            return;
        }
        *beat = Instant::now();
        let time = seconds(started.elapsed());
        if self.terminal {
            print!("\r\x1b[K      {label}  {time}  {last}");
            // A terminal that cannot be written to is no reason to stop the work.
            let _ = std::io::stdout().flush();
        } else {
            self.say(&format!("      {label}  {time}  {last}"));
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn forward(pipe: Option<impl Read + Send + 'static>, stream: Stream, lines: Sender<(Stream, String)>) {
    let Some(pipe) = pipe else { return };
    std::thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if lines.send((stream, text)).is_err() {
                break;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Finished {
        within(script, Duration::from_secs(60))
    }

    fn within(script: &str, limit: Duration) -> Finished {
        let console = Console { verbose: false, terminal: false, limit: Some(limit), aside: false };
        console.attempt("a step", Command::new("/bin/sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn a_step_that_takes_too_long_is_ended_with_all_that_it_started() {
        let started = Instant::now();
        let finished = within("echo begun; sleep 3601 & wait", Duration::from_millis(300));
        assert!(!finished.ok);
        assert!(started.elapsed() < Duration::from_secs(10));
        assert!(finished.output.starts_with("begun\na step: ended after 0."), "{}", finished.output);
        let left = Command::new("/bin/sh").args(["-c", "ps ax | grep -q '[s]leep 3601'"]).status().unwrap();
        assert!(!left.success() || !std::path::Path::new("/proc/self").exists(), "its child still runs");
    }

    #[test]
    fn both_outputs_are_kept_and_messages_for_programs_are_not_shown() {
        let finished = shell("echo '{\"reason\":\"x\"}'; echo out; echo err >&2; exit 3");
        assert!(!finished.ok);
        assert_eq!(finished.stdout, "{\"reason\":\"x\"}\nout\n");
        let mut lines: Vec<&str> = finished.output.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["err", "out"]);
    }

    #[test]
    fn what_a_step_leaves_running_is_not_waited_for() {
        let started = Instant::now();
        assert!(shell("sleep 30 & echo done").ok);
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let console = Console { verbose: false, terminal: false, limit: None, aside: false };
        let error = console.run("a step", &mut Command::new("/nonexistent/program")).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/program"), "{error}");
    }
}
