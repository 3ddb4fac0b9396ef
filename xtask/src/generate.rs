//! `cargo xtask gen`: files that are checked in but made from others.
//! Everyone can build without the makers; `--check` finds a file that drifted from its source.

mod sdk;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use clap::Args;
use prost_build::Module;

use crate::workspace::{Outcome, TaskError, Workspace, at, output, shown, succeeds};

/// Which files to make, and whether to write them.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Write nothing; fail when a checked-in file differs from what its source gives.
    #[arg(long)]
    pub check: bool,
    /// Only these generators: protobuf, transitions, openapi, node-types, versions, rust-sdk.
    pub names: Vec<String>,
}

/// A checked-in file and what it should hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Path from the top of the repository.
    pub path: String,
    /// Its contents.
    pub contents: Vec<u8>,
}

/// Makes files from their sources.
struct Generator {
    name: &'static str,
    make: fn(&Workspace) -> Outcome<Vec<Artefact>>,
}

const GENERATORS: &[Generator] = &[
    Generator { name: "protobuf", make: protobuf },
    Generator { name: "transitions", make: transitions },
    Generator { name: "openapi", make: openapi },
    Generator { name: "node-types", make: node_types },
    Generator { name: "node-reference", make: node_reference },
    Generator { name: "versions", make: crate::package::version::repeated },
    Generator { name: "rust-sdk", make: sdk::rust_sdk },
];

/// Machines whose table of every state and event is checked in.
const MACHINES: &[&str] =
    &["payment", "device", "device_action", "pairing", "terminal", "action", "refund", "batch"];

/// Where the wire formats are described, and where their Rust code goes.
const PROTO: &str = "crates/wire/proto";
const GENERATED: &str = "crates/wire/src/generated";

/// The types of what the API takes and answers, for the Node SDK.
const NODE_TYPES: &str = "sdks/node/src/generated/api.ts";

/// Every call of the Node SDK, for people.
const NODE_REFERENCE: &str = "docs/sdks/reference/node.md";

const NOTICE: &str =
    "// Made by `cargo xtask gen` from the files under crates/wire/proto; edit those instead.\n";

/// Writes or checks the generated files.
///
/// # Errors
/// When a generator is unknown or fails, a file cannot be written, or, with `check`, a file has drifted.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome {
    if let Some(unknown) =
        options.names.iter().find(|name| GENERATORS.iter().all(|known| known.name != **name))
    {
        let known: Vec<_> = GENERATORS.iter().map(|generator| generator.name).collect();
        return Err(TaskError(format!("no generator `{unknown}`; there are: {}", known.join(", "))));
    }
    let chosen = |generator: &&Generator| {
        options.names.is_empty() || options.names.iter().any(|name| name == generator.name)
    };
    let mut drifted = Vec::new();
    for generator in GENERATORS.iter().filter(chosen) {
        let artefacts = (generator.make)(workspace)
            .map_err(|error| TaskError(format!("generator `{}`: {error}", generator.name)))?;
        for artefact in differing(workspace.root(), artefacts) {
            if options.check {
                drifted
                    .push(format!("{}: drifted (run `cargo xtask gen {}`)", artefact.path, generator.name));
            } else {
                write(workspace.root(), &artefact)?;
                println!("wrote {}", artefact.path);
            }
        }
    }
    if drifted.is_empty() { Ok(()) } else { Err(TaskError(drifted.join("\n"))) }
}

/// The artefacts that the disk does not hold as they should be.
#[must_use]
pub fn differing(root: &Path, artefacts: Vec<Artefact>) -> Vec<Artefact> {
    let differs =
        |artefact: &Artefact| fs::read(root.join(&artefact.path)).ok().as_ref() != Some(&artefact.contents);
    artefacts.into_iter().filter(differs).collect()
}

fn write(root: &Path, artefact: &Artefact) -> Outcome {
    let path = root.join(&artefact.path);
    let parent = path.parent().unwrap_or(root);
    fs::create_dir_all(parent).map_err(|cause| at(parent, "cannot create", &cause))?;
    fs::write(&path, &artefact.contents).map_err(|cause| at(&path, "cannot write", &cause))
}

/// Rust code for every `.proto`, one file for each package.
fn protobuf(workspace: &Workspace) -> Outcome<Vec<Artefact>> {
    let include = workspace.root().join(PROTO);
    let mut sources = Vec::new();
    proto_files(&include, &mut sources)?;
    sources.sort();
    let described = protox::compile(&sources, [&include]).map_err(|error| TaskError(format!("{error:?}")))?;
    // The types that protobuf itself defines come with prost.
    let ours = described.file.into_iter().filter(|file| !file.package().starts_with("google.protobuf"));
    let requests = ours.map(|file| (Module::from_protobuf_package_name(file.package()), file)).collect();
    let modules = prost_build::Config::new()
        .btree_map(["."])
        .generate(requests)
        .map_err(|error| TaskError(format!("prost: {error}")))?;
    let mut artefacts = Vec::new();
    for (module, code) in modules {
        let path = format!("{GENERATED}/{}", module.to_file_name_or("_"));
        artefacts.push(Artefact { path, contents: formatted(workspace, &format!("{NOTICE}{code}"))? });
    }
    artefacts.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(artefacts)
}

fn proto_files(directory: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    let entries = fs::read_dir(directory).map_err(|cause| at(directory, "cannot read", &cause))?;
    for entry in entries {
        let path = entry.map_err(|cause| at(directory, "cannot read", &cause))?.path();
        if path.is_dir() {
            proto_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
    Ok(())
}

/// The code as rustfmt writes it with the repository's settings.
fn formatted(workspace: &Workspace, code: &str) -> Outcome<Vec<u8>> {
    let mut command = workspace.program("rustfmt");
    command.args(["--edition", "2024", "--config-path"]).arg(workspace.root());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let name = shown(&command);
    let failed = |cause: &dyn std::fmt::Display| TaskError(format!("{name}: {cause}"));
    let mut child = command.spawn().map_err(|cause| failed(&cause))?;
    child
        .stdin
        .take()
        .map_or(Ok(()), |mut input| input.write_all(code.as_bytes()))
        .map_err(|cause| failed(&cause))?;
    let done = child.wait_with_output().map_err(|cause| failed(&cause))?;
    if done.status.success() { Ok(done.stdout) } else { Err(failed(&String::from_utf8_lossy(&done.stderr))) }
}

/// The printed table of every state and event of each machine.
fn transitions(workspace: &Workspace) -> Outcome<Vec<Artefact>> {
    let table = |machine: &&str| {
        let example = ["run", "--quiet", "-p", "vinr-domain", "--example", "transitions", "--", machine];
        let contents = output(workspace.cargo(example))?;
        Ok(Artefact { path: format!("crates/domain/transitions/{machine}.md"), contents })
    };
    MACHINES.iter().map(table).collect()
}

/// The description of the cloud API, as the program itself prints it.
fn openapi(workspace: &Workspace) -> Outcome<Vec<Artefact>> {
    let contents = output(workspace.cargo(["run", "--quiet", "-p", "vinr", "--", "openapi"]))?;
    let document: serde_json::Value =
        serde_json::from_slice(&contents).map_err(|error| TaskError(format!("not JSON: {error}")))?;
    if !document["openapi"].is_string() {
        return Err(TaskError("the document does not say which OpenAPI it is".to_owned()));
    }
    Ok(vec![Artefact { path: "docs/openapi.json".to_owned(), contents }])
}

/// The types of the Node SDK, made from the document on the disk by a script that needs nothing but node. A machine
/// without node leaves them alone; the SDK's own suite finds what drifted.
fn node_types(workspace: &Workspace) -> Outcome<Vec<Artefact>> {
    let mut version = workspace.program("node");
    version.arg("--version");
    if !succeeds(version) {
        println!("no node here: {NODE_TYPES} is left as it is");
        return Ok(Vec::new());
    }
    let mut script = workspace.program("node");
    script.args(["sdks/node/scripts/generate.mjs", "--print"]);
    Ok(vec![Artefact { path: NODE_TYPES.to_owned(), contents: output(script)? }])
}

/// The reference of the Node SDK, made from its sources with its own compiler. A machine that has not installed that leaves
/// the page alone; the SDK's own suite finds what drifted.
fn node_reference(workspace: &Workspace) -> Outcome<Vec<Artefact>> {
    if !workspace.root().join("sdks/node/node_modules/typescript").is_dir() {
        println!("the tools of sdks/node are not installed: {NODE_REFERENCE} is left as it is");
        return Ok(Vec::new());
    }
    let mut script = workspace.program("node");
    script.args(["sdks/node/scripts/reference.mjs", "--print"]);
    Ok(vec![Artefact { path: NODE_REFERENCE.to_owned(), contents: output(script)? }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_from_the_disk_is_reported() {
        let root = Workspace::find().unwrap().root().to_owned();
        let manifest = fs::read(root.join("xtask/Cargo.toml")).unwrap();
        let same = Artefact { path: "xtask/Cargo.toml".to_owned(), contents: manifest.clone() };
        let drifted = Artefact { contents: b"else".to_vec(), ..same.clone() };
        let absent = Artefact { path: "xtask/absent".to_owned(), contents: manifest };
        assert_eq!(differing(&root, vec![same, drifted.clone(), absent.clone()]), [drifted, absent]);
    }

    #[test]
    fn generated_code_is_written_with_the_settings_of_the_repository() {
        let workspace = Workspace::find().unwrap();
        let code =
            String::from_utf8(formatted(&workspace, "pub  struct A{pub b:u8,pub c:u8}").unwrap()).unwrap();
        assert_eq!(code, "pub struct A {\n    pub b: u8,\n    pub c: u8,\n}\n");
        assert!(formatted(&workspace, "struct").is_err());
    }
}
