//! Which programs count as outside suites, and in which order they run.

use std::fs;
use std::path::Path;

use xtask::suite::suites;

#[test]
fn shell_and_python_programs_run_in_order_of_name() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside");
    fs::create_dir_all(directory.join("20-fixtures.py")).unwrap();
    for name in ["30-last.sh", "10-first.py", "README.md", "20-middle.sh"] {
        fs::write(directory.join(name), "").unwrap();
    }
    let found = suites(&directory).unwrap();
    let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["10-first.py", "20-middle.sh", "30-last.sh"]);
}

#[test]
fn no_directory_means_no_suites() {
    assert!(suites(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("absent")).unwrap().is_empty());
}
