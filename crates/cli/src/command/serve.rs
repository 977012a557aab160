//! `stagedoor serve`.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use stagedoor_server::{Options, Server, StartError};
use tracing_subscriber::EnvFilter;

use crate::configuration::counts;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::output;
use crate::signals::Stop;

/// Run the server
#[derive(Debug, Args)]
#[command(after_help = after_help!(
    "A change of the files, or SIGHUP, reloads the configuration: whole, or not at
all when it has a fault. SIGTERM and Ctrl-C finish what is under way and stop;
a second one stops at once. RUST_LOG says what is logged on standard error."
))]
pub(crate) struct Arguments {
    /// The configuration directory
    #[arg(long, value_name = "DIR", default_value = ".")]
    config: PathBuf,

    /// Reload on SIGHUP only, not when files change
    #[arg(long)]
    no_watch: bool,

    /// How to log on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Serves until a signal asks to stop.
///
/// # Errors
/// When the configuration is faulty, or something stands in the way of listening.
pub(crate) async fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    log_to_standard_error(arguments.log_format);
    let mut stop = Stop::new()?;
    let options = Options { watch: !arguments.no_watch, ..Options::default() };
    let running =
        Server::start(&arguments.config, options).await.map_err(|error| failure(arguments, &error))?;
    let addresses = running.addresses().await;
    let mut text = format!("serving {}\n  api      http://{}\n", arguments.config.display(), addresses.api);
    if let Some(metrics) = addresses.metrics {
        text += &format!("  metrics  http://{metrics}\n");
    }
    for (name, address) in &addresses.gates {
        text += &format!("  gate     http://{address}  {name}\n");
    }
    text += "ready\n";
    output::print(&text)?;
    stop.asked().await;
    output::note("stopping: finishing what is under way\n");
    tokio::select! {
        () = running.stop() => Ok(Exit::Fine),
        () = stop.asked() => Err(Failure::internal("stopped at once, requests under way were cut")),
    }
}

fn log_to_standard_error(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Json => builder.json().init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).init(),
    }
}

fn failure(arguments: &Arguments, error: &StartError) -> Failure {
    match error {
        StartError::Configuration(report) => Failure::input(format!(
            "the configuration in `{}` has {}",
            arguments.config.display(),
            counts(report)
        ))
        .above(report.render(output::color())),
        StartError::Listen(error) => Failure::input(error.to_string()),
        StartError::Store(error) => Failure::unreachable(format!("the store cannot be opened: {error}")),
        other => Failure::internal(other.to_string()),
    }
}
