//! `cinnabar reference`: the generated reference pages.

use clap::CommandFactory as _;

use crate::{Cli, Finding, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `cli` or `openapi`.
    page: String,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Finding> {
    match args.page.as_str() {
        "cli" => output::line(command_page().trim_end()),
        "openapi" => output::line(&server::openapi_json()),
        other => anyhow::bail!(output::Misuse(format!("`{other}` is no reference page: `cli`, `openapi`"))),
    }
    Ok(Finding::Fine)
}

fn command_page() -> String {
    let mut page = String::from("# Command line\n\nMade by `cinnabar reference cli`.\n");
    let mut command = Cli::command().term_width(100);
    command.build();
    describe(&mut command, "cinnabar", &mut page);
    page
}

fn describe(command: &mut clap::Command, path: &str, page: &mut String) {
    let help = command.render_long_help().to_string();
    page.push_str(&format!("\n## `{path}`\n\n```text\n{}\n```\n", help.trim_end()));
    let names: Vec<String> = command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        if let Some(sub) = command.find_subcommand_mut(&name) {
            describe(sub, &format!("{path} {name}"), page);
        }
    }
}
