//! What is watched while a guest misbehaves: whether the other components answer, and what the host is busy with.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::app::App;

/// Far more than an answer takes, far less than a component that waits for another one.
const PROMPT: Duration = Duration::from_secs(3);

/// Asks another component of the app `hostile`.
///
/// # Errors
/// When it does not answer promptly.
pub async fn another_answers(app: &App) -> Result<()> {
    let start = Instant::now();
    let answer = app.get("/echo/").await?.expect(200)?;
    ensure!(answer.text() == "still answering", "{}", answer.text());
    ensure!(start.elapsed() < PROMPT, "another component took {:?} to answer", start.elapsed());
    Ok(())
}

/// Asks another component again and again while `work` goes on, and once afterwards.
///
/// # Errors
/// When it does not answer promptly.
pub async fn others_answer(app: &App, work: impl Future) -> Result<()> {
    tokio::pin!(work);
    while tokio::time::timeout(Duration::from_millis(20), &mut work).await.is_err() {
        another_answers(app).await?;
    }
    another_answers(app).await
}

/// Live instances of a component.
///
/// # Errors
/// When the host does not give its metrics.
pub async fn instances(app: &App, component: &str) -> Result<u32> {
    let start = format!("vitrine_instances{{component=\"{component}\"}} ");
    let metrics = app.metrics().await?;
    Ok(metrics.lines().find_map(|line| line.strip_prefix(&start)).map_or(Ok(0), str::parse)?)
}

/// Waits until the host has nothing to do: the threads that worked for nobody are free again.
///
/// # Errors
/// When it goes on working for twenty seconds.
pub async fn is_idle(app: &App) -> Result<()> {
    let mut used = Vec::new();
    for _ in 0..40 {
        let before = cpu_ticks(app.running.id())?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let ticks = cpu_ticks(app.running.id())? - before;
        if ticks < 25 {
            return Ok(());
        }
        used.push(ticks);
    }
    bail!("the host goes on using so many hundredths of each half second: {used:?}")
}

/// CPU time that a process has used, in the kernel's ticks (1/100 s).
fn cpu_ticks(id: u32) -> Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // Fields 14 and 15 of proc_pid_stat(5); the second, the name, ends with the last parenthesis.
    let after_name = stat.rsplit(')').next().context("an empty line")?;
    let ticks: Vec<u64> = after_name.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum())
}
