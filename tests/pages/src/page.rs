//! One man page.

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

/// What a page says beyond the arguments.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its heading, in capitals.
    pub heading: &'static str,
    /// What stands under it.
    pub body: Body,
}

/// What stands under a heading.
#[derive(Clone, Debug)]
pub enum Body {
    /// Paragraphs, with an empty line between any two.
    Text(String),
    /// Words, and what each of them means.
    Terms(Vec<(String, String)>),
    /// Lines as they are.
    Lines(&'static str),
    /// Names of other pages, in section 1.
    Pages(Vec<String>),
}

/// How a page asks for an apostrophe that stays one. Each of its parts begins with it; once is enough.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// The page of a command that was built ([`Command::build`]): what clap knows, and then these sections.
/// What stands behind the command's help (`after_help`) is no part of it: that is for the caller to give.
pub fn page(command: &Command, version: &str, sections: &[Section]) -> String {
    let command = command.clone().subcommand_help_heading("COMMANDS").subcommand_value_name("command");
    // No date: it would change every page with every release. An empty one would not be quoted.
    let man =
        Man::new(command.clone()).date(" ").source(format!("ponder {version}")).manual("Manual of ponder");
    let mut page = Vec::new();
    man.render_title(&mut page).unwrap();
    name(&command).to_writer(&mut page).unwrap();
    man.render_synopsis_section(&mut page).unwrap();
    man.render_description_section(&mut page).unwrap();
    if command.get_subcommands().any(|sub| !sub.is_hide_set()) {
        man.render_subcommands_section(&mut page).unwrap();
    }
    man.render_options_section(&mut page).unwrap();
    for section in sections {
        section.roff().to_writer(&mut page).unwrap();
    }
    let page = String::from_utf8(page).expect("help is UTF-8");
    format!("{APOSTROPHE}{}", page.replace(APOSTROPHE, ""))
}

/// The page's name and what the command does, in one line: `whatis` shows it.
fn name(command: &Command) -> Roff {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let about = command.get_about().expect("every command says what it does").to_string();
    let first = about.split(". ").next().unwrap_or_default();
    let mut roff = Roff::new();
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {first}"))]);
    roff
}

impl Section {
    fn roff(&self) -> Roff {
        let mut roff = Roff::new();
        roff.control("SH", [self.heading]);
        match &self.body {
            Body::Text(text) => {
                for (at, paragraph) in text.split("\n\n").enumerate() {
                    if at > 0 {
                        roff.control("PP", []);
                    }
                    roff.text([roman(paragraph)]);
                }
            }
            Body::Terms(terms) => {
                for (term, meaning) in terms {
                    roff.control("TP", []);
                    roff.text([bold(term)]);
                    roff.text([roman(meaning)]);
                }
            }
            Body::Lines(lines) => {
                roff.control("nf", []);
                for line in lines.lines() {
                    roff.text([roman(line)]);
                }
                roff.control("fi", []);
            }
            Body::Pages(names) => {
                roff.text(pages(names));
            }
        }
        roff
    }
}

/// `ponder`(1), `ponderd`(1)
fn pages(names: &[String]) -> Vec<Inline> {
    let mut text = Vec::new();
    for (at, name) in names.iter().enumerate() {
        text.push(bold(name));
        text.push(roman(if at + 1 == names.len() { "(1)" } else { "(1), " }));
    }
    text
}
