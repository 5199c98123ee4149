//! The arguments of what an operator does.

use super::some_time;
use crate::domain::{
    internal::Role,
    name::{AttributeName, GroupName, Label, ServiceName, UserId},
    scope::Scopes,
    value_type::ValueType,
};
use clap::{Args, Subcommand};
use std::{path::PathBuf, time::Duration};

/// `tenure catalog`.
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Add groups, templates and services, or replace those of the same name
    #[command(
        after_help = "Example:\n  tenure catalog apply services.toml\n\nThe file has tables like:\n  [[service]]\n  name = \"oura\"\n  label = \"Oura\"\n  provides = [\"steps\", \"sleep\"]"
    )]
    Apply {
        /// A TOML file with tables of groups, templates and services
        file: PathBuf,
    },
    /// Take a service out; running instances end its connections in the background
    #[command(
        after_help = "Example:\n  tenure catalog remove-service oura\n\nFrom then on its tokens are refused. What it owned passes on as its users are disconnected, one after the other; 'tenure catalog removals' shows how far that is."
    )]
    RemoveService {
        /// Which service
        service: ServiceName,
    },
    /// Show the services whose connections are still being ended
    #[command(after_help = "Example:\n  tenure catalog removals")]
    Removals,
    /// Show the whole catalog
    #[command(after_help = "Example:\n  tenure catalog show --json")]
    Show,
}

/// `tenure connection`.
#[derive(Debug, Subcommand)]
pub enum ConnectionCommand {
    /// Connect a service to a user, or replace the scopes of the connection
    #[command(
        after_help = "Example:\n  tenure connection add --user ada --service oura --scope \"activity_write sleep_write\"\n\nWhat new scopes no longer cover is released. Without --scope a connection that exists keeps its scopes, and a new one has none."
    )]
    Add(ConnectionAdd),
    /// Disconnect a service: its tokens end, and what it owned passes on
    #[command(after_help = "Example:\n  tenure connection remove --user ada --service oura")]
    Remove {
        /// Whose connection
        #[arg(long)]
        user: UserId,
        /// Which service
        #[arg(long)]
        service: ServiceName,
    },
    /// Show the services that a user has connected
    #[command(after_help = "Example:\n  tenure connection list --user ada")]
    List {
        /// Whose connections
        #[arg(long)]
        user: UserId,
    },
}

/// `tenure connection add`.
#[derive(Debug, Args)]
pub struct ConnectionAdd {
    /// Whose connection
    #[arg(long)]
    pub user: UserId,
    /// Which service
    #[arg(long)]
    pub service: ServiceName,
    /// What it may do: `GROUP_read`, `GROUP_write`, `manual_read` and `manual_write`, separated by spaces
    #[arg(long, value_parser = Scopes::parse, value_name = "SCOPES")]
    pub scope: Option<Scopes>,
}

/// `tenure token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Issue a token; it is printed once, alone on the last line, and kept nowhere
    #[command(
        after_help = "Examples:\n  tenure token issue --user ada --service oura --scope \"activity_write\"\n  tenure token issue --user ada --own\n  tenure token issue --internal values --role reader"
    )]
    Issue(IssueToken),
    /// Show the tokens of a user, or of internal services, by their ids
    #[command(
        after_help = "Examples:\n  tenure token list --user ada\n  tenure token list --internal"
    )]
    List {
        /// Whose tokens
        #[arg(long, required_unless_present = "internal")]
        user: Option<UserId>,
        /// Those of internal services
        #[arg(long, conflicts_with = "user")]
        internal: bool,
    },
    /// Revoke a token
    #[command(after_help = "Example:\n  tenure token revoke 3f0c9a1be2d47586")]
    Revoke {
        /// The token itself, or its id of 16 digits
        token: String,
    },
}

/// `tenure token issue`.
#[derive(Debug, Args)]
pub struct IssueToken {
    /// Whose data it opens
    #[arg(long, required_unless_present = "internal")]
    pub user: Option<UserId>,
    /// The service that it is for, which must be connected
    #[arg(long, required_unless_present_any = ["own", "internal"], conflicts_with = "own")]
    pub service: Option<ServiceName>,
    /// Issue the user's own token
    #[arg(long)]
    pub own: bool,
    /// What it grants, within the connection; all of that if left out
    #[arg(long, value_parser = Scopes::parse, value_name = "SCOPES", conflicts_with = "own")]
    pub scope: Option<Scopes>,
    /// The internal service that it is for; any name, which appears in the log
    #[arg(
        long,
        value_name = "NAME",
        requires = "role",
        conflicts_with_all = ["user", "service", "own", "scope"]
    )]
    pub internal: Option<ServiceName>,
    /// What the internal service may do: reader asks, writer also tells of grants and revocations, operator also of tokens
    /// and attributes
    #[arg(long, requires = "internal")]
    pub role: Option<Role>,
    /// How long it is good
    #[arg(long, default_value = "365d", value_parser = lifetime, value_name = "TIME")]
    pub expires_in: Duration,
}

/// `tenure attribute`.
#[derive(Debug, Subcommand)]
pub enum AttributeCommand {
    /// Create a custom attribute, which nobody owns until a service acquires it, and print its name
    #[command(
        after_help = "Example:\n  tenure attribute create --user ada --label \"Time reading\" --group media --value-type 3"
    )]
    Create(CreateAttribute),
    /// Show a user's attributes and who owns them
    #[command(after_help = "Example:\n  tenure attribute list --user ada")]
    List {
        /// Whose attributes
        #[arg(long)]
        user: UserId,
    },
    /// Switch an attribute that is owned on or off, in the user's name
    #[command(
        after_help = "Example:\n  tenure attribute set-active --user ada --name steps --active false"
    )]
    SetActive {
        /// Whose attribute
        #[arg(long)]
        user: UserId,
        /// Which attribute
        #[arg(long)]
        name: AttributeName,
        /// true or false
        #[arg(long, action = clap::ArgAction::Set, value_name = "BOOL")]
        active: bool,
    },
}

/// `tenure attribute create`.
#[derive(Debug, Args)]
pub struct CreateAttribute {
    /// Whose attribute
    #[arg(long)]
    pub user: UserId,
    /// For people; the name is made from it
    #[arg(long)]
    pub label: Label,
    /// A group of the catalog
    #[arg(long)]
    pub group: GroupName,
    /// 0 integer, 1 float, 2 string, 3 period, 4 time of day from midnight, 5 percentage, 7 boolean, 8 scale
    #[arg(long, value_parser = value_type, value_name = "0..8")]
    pub value_type: ValueType,
    /// Values are entered by hand
    #[arg(long)]
    pub manual: bool,
}

fn value_type(text: &str) -> Result<ValueType, String> {
    let number: i32 = text
        .parse()
        .map_err(|_| "a value type is a number from 0 to 8")?;
    ValueType::try_from(number).map_err(|error| error.to_string())
}

/// How long a token is good: a second at least.
fn lifetime(text: &str) -> Result<Duration, String> {
    let time = some_time(text)?;
    if time < Duration::from_secs(1) {
        return Err("expected at least 1s".to_owned());
    }
    Ok(time)
}
