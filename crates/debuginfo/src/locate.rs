//! The files that belong to a file, beside it.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use object::Object;

use crate::{Options, folder};

/// Where a file that another one names is looked for: by the path that it names, if that stays in the
/// folder, and by its last part. Absolute paths are those of the machine that compiled it.
pub(crate) fn named(path: &Path, name: &str, options: &Options) -> Vec<PathBuf> {
    // A path of Windows, read elsewhere.
    let name = name.replace('\\', "/");
    let name = Path::new(&name);
    let mut found = Vec::new();
    let dirs =
        std::iter::once(folder(path)).chain(options.search_dirs.iter().map(PathBuf::as_path));
    for dir in dirs {
        if name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            found.push(dir.join(name));
        }
        if let Some(last) = name.file_name() {
            let beside = dir.join(last);
            if !found.contains(&beside) {
                found.push(beside);
            }
        }
    }
    found
}

/// Where the debug information of a stripped ELF file is looked for, with the CRC that it should have.
pub(crate) fn stripped(
    path: &Path,
    file: &object::File<'_>,
    options: &Options,
) -> Vec<(PathBuf, Option<u32>)> {
    let mut found = Vec::new();
    if let Ok(Some(id)) = file.build_id()
        && let Some((first, rest)) = id.split_first()
    {
        let hex: String = rest.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!(".build-id/{first:02x}/{hex}.debug");
        found.extend(named(path, &name, options).into_iter().map(|path| (path, None)));
    }
    if let Ok(Some((name, crc))) = file.gnu_debuglink() {
        let name = String::from_utf8_lossy(name);
        for candidate in named(path, &name, options) {
            let hidden =
                folder(&candidate).join(".debug").join(candidate.file_name().unwrap_or_default());
            found.push((candidate, Some(crc)));
            found.push((hidden, Some(crc)));
        }
    }
    found.retain(|(candidate, _)| candidate != path);
    found
}

/// Where the package of split units is looked for: `a.out.dwp`, or `a.dwp` of `a.debug`.
pub(crate) fn packages(path: &Path, options: &Options) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Some(name) = path.file_name() else { return found };
    let mut full = name.to_owned();
    full.push(".dwp");
    let names = [full, Path::new(name).with_extension("dwp").into_os_string()];
    for dir in std::iter::once(folder(path)).chain(options.search_dirs.iter().map(PathBuf::as_path))
    {
        found.extend(names.iter().map(|name| dir.join(name)));
    }
    found
}

/// The Mach-O file with debug information inside of the bundle that `path` is, or that lies beside it.
pub(crate) fn dsym(path: &Path) -> Option<PathBuf> {
    const INSIDE: &str = "Contents/Resources/DWARF";
    if path.extension() == Some(OsStr::new("dSYM")) && path.is_dir() {
        let entries = std::fs::read_dir(path.join(INSIDE)).ok()?;
        let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        return files.into_iter().next();
    }
    let name = path.file_name()?;
    let mut bundle = name.to_owned();
    bundle.push(".dSYM");
    let inside = folder(path).join(bundle).join(INSIDE).join(name);
    inside.is_file().then_some(inside)
}

/// Reads a file that another one belongs to, if it is there.
pub(crate) fn open(path: &Path) -> Option<Vec<u8>> {
    // Nothing but a file: what a foreign file names may be a pipe or a device here.
    if !path.is_file() {
        return None;
    }
    std::fs::read(path).ok()
}
