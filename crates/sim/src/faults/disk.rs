//! File systems of our own, to fill, to break and to cut the power of. They need root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fail::Fail;

/// Mounted until this is dropped.
pub struct Disk {
    at: PathBuf,
    /// Of an ext4, the file that is its medium.
    image: Option<PathBuf>,
}

impl Disk {
    /// A tmpfs of so many MiB below `folder`.
    pub fn in_memory(folder: &Path, mib: u32) -> Result<Self, Fail> {
        let at = mount_point(folder)?;
        mount(&["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"], &at)?;
        Ok(Self { at, image: None })
    }

    /// An ext4 of so many MiB in a file below `folder`.
    pub fn ext4(folder: &Path, mib: u64) -> Result<Self, Fail> {
        let (at, image) = (mount_point(folder)?, folder.join("disk.img"));
        fs::File::create(&image)?.set_len(mib << 20)?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
        let disk = Self { at, image: Some(image) };
        disk.mount_again()?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Cuts the power: nothing that was not synced reaches the medium, the file system's own journal neither.
    pub fn cut(&self) -> Result<(), Fail> {
        run(Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(&self.at))
    }

    /// After all who used it are dead: what a start after the cut would find.
    pub fn power_on(&self) -> Result<(), Fail> {
        run(Command::new("umount").arg(&self.at))?;
        self.mount_again()
    }

    /// A neighbour takes all that is left.
    pub fn fill(&self) -> Result<(), Fail> {
        let neighbour = self.neighbour();
        for size in [1 << 16, 1 << 12, 1] {
            let mut file = fs::OpenOptions::new().create(true).append(true).open(&neighbour)?;
            let block = vec![0x55; size];
            while std::io::Write::write_all(&mut file, &block).is_ok() {}
        }
        Ok(())
    }

    /// The neighbour gives it back.
    pub fn relieve(&self) -> Result<(), Fail> {
        Ok(fs::remove_file(self.neighbour())?)
    }

    fn neighbour(&self) -> PathBuf {
        self.at.join("neighbour")
    }

    fn mount_again(&self) -> Result<(), Fail> {
        let Some(image) = &self.image else { return Ok(()) };
        mount(&["-o", "loop", &image.display().to_string()], &self.at)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).output();
    }
}

fn mount_point(folder: &Path) -> Result<PathBuf, Fail> {
    let at = folder.join("disk");
    fs::create_dir_all(&at)?;
    Ok(at)
}

fn mount(what: &[&str], at: &Path) -> Result<(), Fail> {
    run(Command::new("mount").args(what).arg(at))
}

fn run(command: &mut Command) -> Result<(), Fail> {
    let name = command.get_program().display().to_string();
    let done = command.output().map_err(|error| Fail::Skipped(format!("{name}: {error}")))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    Err(Fail::Skipped(format!("{name} is not permitted here: {said}")))
}
