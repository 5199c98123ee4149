//! The floor that PostgreSQL gives: the same statements by `pgbench`, prepared, on the same server.

use crate::{
    cluster,
    cpu::Processes,
    load::{Measured, Span, latencies},
    operation::Users,
    population::SCATTER,
    recording::Recording,
};
use anyhow::{Context as _, bail, ensure};
use std::{fmt::Write as _, fs, path::PathBuf, process::Command, time::Duration};
use tempfile::TempDir;

/// The recorded statements of one call as a script.
pub(crate) struct Floor {
    folder: TempDir,
    pgbench: PathBuf,
    url: String,
    /// Names and values.
    variables: Vec<(String, String)>,
}

/// A line of the log of `pgbench`: a transaction.
struct Transaction {
    client: usize,
    latency_us: u64,
    end_us: u64,
}

impl Floor {
    pub(crate) fn new(recording: &Recording, url: &str) -> anyhow::Result<Self> {
        let (mut statements, variables) = statements(recording)?;
        if recording.token_hash.is_some() {
            statements.insert_str(0, &scatter());
        }
        let folder = tempfile::tempdir()?;
        // A client whose users are used up waits: the measurement ends where the first one does.
        let once = format!(
            "\\set number :number + 1\n\\if :number >= :each\n\\sleep 1 s\n\\else\n\
             \\set user :first + :client_id * :each + :number\n{statements}\\endif\n"
        );
        let again = format!("\\set user :first + random(0, :count - 1)\n{statements}");
        fs::write(folder.path().join("once.sql"), once)?;
        fs::write(folder.path().join("again.sql"), again)?;
        Ok(Self {
            folder,
            pgbench: cluster::programs()?.join("pgbench"),
            url: url.to_owned(),
            variables,
        })
    }

    /// Lets so many clients run it for that long.
    pub(crate) fn run(
        &self,
        users: &Users,
        callers: u64,
        span: Span,
        processes: &Processes,
    ) -> anyhow::Result<Measured> {
        let (script, range, each) = match users {
            Users::Once { first, each } => (
                "once.sql",
                format!("first={first} each={each} number=-1"),
                *each,
            ),
            Users::Again { first, count, .. } => (
                "again.sql",
                format!("first={first} count={count}"),
                u64::MAX,
            ),
            _ => bail!("there is no floor for these users"),
        };
        let logs = tempfile::tempdir_in(self.folder.path())?;
        let span = warmed_up(span, callers);
        let seconds = seconds(span);
        let mut command = Command::new(&self.pgbench);
        command
            .args(["-n", "-M", "prepared", "-l"])
            .args(["-c", &callers.to_string()])
            .args(["-j", if callers == 1 { "1" } else { "2" }])
            .args(["-T", &seconds.to_string()])
            .arg(format!("--log-prefix={}/log", logs.path().display()))
            .arg("-f")
            .arg(self.folder.path().join(script));
        for setting in range.split(' ') {
            command.args(["-D", setting]);
        }
        for (name, value) in &self.variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let before = processes.spent()?;
        let output = command.arg(&self.url).output()?;
        let spent = processes.spent()? - before;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pgbench: {errors}");
        let mut transactions = Vec::new();
        for entry in fs::read_dir(logs.path())? {
            read(&fs::read_to_string(entry?.path())?, &mut transactions)?;
        }
        let spent = spent / (transactions.len() as u64).max(1);
        let measured = measured(transactions, each, span)?;
        Ok(Measured {
            spent: Some(spent),
            ..measured
        })
    }
}

/// The span for so many clients. Each is a new process of the server's, which first fills its caches and plans; the
/// service's connections have done so long ago.
pub(crate) fn warmed_up(span: Span, callers: u64) -> Span {
    let warm_up = Duration::from_millis(300 + 25 * callers);
    Span {
        warm_up: span.warm_up.max(warm_up),
        ..span
    }
}

/// For how long it runs: it takes whole seconds.
pub(crate) fn seconds(span: Span) -> u64 {
    let whole = span.warm_up + span.measured;
    whole.as_secs() + u64::from(whole.subsec_nanos() > 0)
}

/// The token that `pgbench` looks up, by [`crate::population::unhashed`].
fn scatter() -> String {
    let (factor, modulus, summand) = SCATTER;
    format!("\\set hash :user * {factor} % {modulus} + {summand}\n")
}

/// The statements with variables for parameters. What differs from user to user is calculated, and the revision is
/// the one that was loaded; all else is as it was recorded.
fn statements(recording: &Recording) -> anyhow::Result<(String, Vec<(String, String)>)> {
    let (mut script, mut variables) = (String::new(), Vec::new());
    let user = recording.user.to_string();
    let (mut has_hash, mut has_user, mut has_revision) = (false, false, false);
    for (place, statement) in recording.statements.iter().enumerate() {
        let mut values = Vec::new();
        for (index, parameter) in statement.parameters.iter().enumerate() {
            let value = parameter.value.clone().context("a parameter is null")?;
            let name = if recording.token_hash.as_ref() == Some(&value) {
                has_hash = true;
                "hash".to_owned()
            } else if value == user {
                has_user = true;
                "user".to_owned()
            } else if parameter.is_bigint {
                has_revision = true;
                "revision".to_owned()
            } else {
                let name = format!("s{place}p{index}");
                variables.push((name.clone(), value));
                name
            };
            values.push(match parameter.array_of {
                Some(element) => format!("array[:{name}]::{element}[]"),
                None => format!(":{name}"),
            });
        }
        let text = with_variables(&statement.text, &values)?;
        // The last row of a load has the revision; of the others it has no use.
        let end = match place {
            1 if recording.writes => "\\aset",
            _ => ";",
        };
        writeln!(script, "{} {end}", text.trim())?;
    }
    ensure!(
        has_hash == recording.token_hash.is_some() && has_user && has_revision == recording.writes,
        "a statement of this call is not as this expects: {recording:#?}"
    );
    Ok((script, variables))
}

/// `$1` becomes the first of these expressions.
fn with_variables(text: &str, values: &[String]) -> anyhow::Result<String> {
    let mut parts = text.split('$');
    let mut script = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        let number: usize = part[..digits].parse()?;
        let value = number.checked_sub(1).and_then(|index| values.get(index));
        script.push_str(value.context("a parameter has no value")?);
        script.push_str(&part[digits..]);
    }
    Ok(script)
}

fn read(log: &str, transactions: &mut Vec<Transaction>) -> anyhow::Result<()> {
    for line in log.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [client, _, latency, _, seconds, micros, ..] = fields[..] else {
            bail!("pgbench logged {line:?}");
        };
        transactions.push(Transaction {
            client: client.parse()?,
            latency_us: latency.parse()?,
            end_us: seconds.parse::<u64>()? * 1_000_000 + micros.parse::<u64>()?,
        });
    }
    Ok(())
}

/// Counts as [`crate::load::run`] does: what ended after the warm-up, and before any client had no user left.
fn measured(mut transactions: Vec<Transaction>, each: u64, span: Span) -> anyhow::Result<Measured> {
    transactions.sort_unstable_by_key(|transaction| transaction.end_us);
    let begins = transactions.iter().map(|t| t.end_us - t.latency_us);
    let begin = begins.min().context("pgbench ran no transaction")?;
    let from = begin + u64::try_from(span.warm_up.as_micros())?;
    let mut until = from + u64::try_from(span.measured.as_micros())?;
    let mut latencies = latencies()?;
    let mut counts: Vec<u64> = Vec::new();
    for transaction in transactions {
        if transaction.end_us >= until {
            break;
        }
        counts.resize(counts.len().max(transaction.client + 1), 0);
        let count = &mut counts[transaction.client];
        *count += 1;
        if transaction.end_us >= from {
            latencies.record(transaction.latency_us * 1_000)?;
        }
        if *count == each {
            until = transaction.end_us;
        }
    }
    ensure!(
        until > from,
        "all users of pgbench were used up in its warm-up"
    );
    #[expect(clippy::cast_precision_loss, reason = "a span of seconds")]
    let seconds = (until - from) as f64 / 1e6;
    Ok(Measured {
        seconds,
        failures: 0,
        first_failure: None,
        latencies,
        spent: None,
    })
}
