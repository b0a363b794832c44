//! Where the data is, told before or behind a subcommand: `origin clients --database-url … list` as well as
//! `origin clients list --database-url …`.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};
use secrecy::SecretString;

use crate::config::Databases;

/// The same options as [`Databases`], for a command that has subcommands.
#[derive(Debug, Clone)]
pub struct Anywhere(pub Databases);

impl Args for Anywhere {
    fn augment_args(command: Command) -> Command {
        // What may stand in several places can't be required in one, so that is checked when it is read.
        let options = Databases::augment_args(Command::new("databases"));
        let options = options.get_arguments().cloned();
        command.args(options.map(|option| option.required(false).global(true)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Anywhere {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        if matches.get_one::<SecretString>("database_url").is_none() {
            return Err(Error::raw(
                ErrorKind::MissingRequiredArgument,
                "the following required argument was not provided: --database-url <DATABASE_URL>",
            ));
        }
        Databases::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
