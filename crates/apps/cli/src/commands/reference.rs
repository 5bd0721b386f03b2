//! `cinnabar reference`: the generated reference pages.

use clap::CommandFactory as _;

use crate::{Cli, Finding, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `cli`, `openapi` or `taxonomy`.
    page: String,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Finding> {
    match args.page.as_str() {
        "cli" => output::line(command_page().trim_end()),
        "openapi" => output::line(&server::openapi_json()),
        "taxonomy" => output::line(taxonomy_page().trim_end()),
        other => anyhow::bail!(output::Misuse(format!(
            "`{other}` is no reference page: `cli`, `openapi`, `taxonomy`"
        ))),
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

const TAXONOMY_HEAD: &str = "# Taxonomy

Made by `cinnabar reference taxonomy` from `crates/domain/safety/src/taxonomy`.

The 31 risks of GB/T 45654-2025, Annex A, beside the classes that others use, and the categories of this engine that look for
them. The crosswalk is ours: a class is named where it is about the same content at least in part. It says what to compare, and
is no statement of conformity.

Sources: MLCommons AILuminate 1.0 (its twelve hazard categories by the numbers that Llama Guard 3 gives them, with S13 and S14,
which are Llama Guard's own), the moderation endpoint of OpenAI (`omni-moderation-latest`, 13 categories) and NIST AI 600-1 of July
2024, section 2 (12 risks).
";

fn taxonomy_page() -> String {
    use safety::taxonomy::{self, Hazard, Moderation, ProfileRisk};

    let mut page = String::from(TAXONOMY_HEAD);
    page.push_str("\n## The 31 risks\n\n| risk | | our categories | MLCommons | OpenAI | NIST AI 600-1 | note |\n|---|---|---|---|---|---|---|\n");
    for risk in terms::Risk::ALL {
        let row = taxonomy::crosswalk(risk);
        let own: Vec<String> = taxonomy::categories_of(risk).map(|one| format!("`{one}`")).collect();
        let hazards: Vec<&str> = row.hazards.iter().map(|one| one.code()).collect();
        let moderation: Vec<String> = row.moderation.iter().map(|one| format!("`{}`", one.code())).collect();
        let profile: Vec<&str> = row.profile.iter().map(|one| one.code()).collect();
        page.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            risk.code(),
            risk.title(),
            own.join(", "),
            hazards.join(", "),
            moderation.join(", "),
            profile.join(", "),
            row.note
        ));
    }
    page.push_str("\nA risk without a category of ours is looked for by no shipped rule; word lists of your own may be about it.\n");
    page.push_str("\n## Our categories\n\n| category | risks | `/v1/moderations` |\n|---|---|---|\n");
    for category in safety::Category::SHIPPED {
        let risks: Vec<&str> = category.risks().iter().map(|risk| risk.code()).collect();
        let risks =
            taxonomy::no_risk(&category).map_or_else(|| risks.join(", "), |why| format!("none: {why}"));
        let theirs: Vec<String> =
            taxonomy::moderation_of(&category).iter().map(|one| format!("`{}`", one.code())).collect();
        let theirs = if theirs.is_empty() { "beside, in `cinnabar`".to_owned() } else { theirs.join(", ") };
        page.push_str(&format!("| `{category}` | {risks} | {theirs} |\n"));
    }
    let mut list = |title: &str, rows: Vec<(&str, &str)>| {
        page.push_str(&format!("\n## {title}\n\n| code | name |\n|---|---|\n"));
        for (code, name) in rows {
            page.push_str(&format!("| `{code}` | {name} |\n"));
        }
    };
    list(
        "MLCommons AILuminate and Llama Guard",
        Hazard::ALL.iter().map(|one| (one.code(), one.title())).collect(),
    );
    list("OpenAI moderation", Moderation::ALL.iter().map(|one| (one.code(), one.title())).collect());
    list("NIST AI 600-1", ProfileRisk::ALL.iter().map(|one| (one.code(), one.title())).collect());
    page
}
