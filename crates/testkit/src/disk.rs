//! A disk in memory: it can be full, and a power cut takes what was not synced. It holds a `redb` file.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use redb::StorageBackend;

/// The disk itself; it outlives those who write to it.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<Platter>>);

#[derive(Debug, Default)]
struct Platter {
    bytes: Vec<u8>,
    /// What undoes everything since the last sync, in the order it was done.
    undo: Vec<Undo>,
    full: bool,
    /// Who opened it before the last power cut is dead.
    generation: u64,
}

#[derive(Debug)]
enum Undo {
    Bytes(usize, Vec<u8>),
    /// The length was shorter: what lay behind it was nothing.
    Grown(usize),
    Shrunk(Vec<u8>),
}

/// One who has the disk open.
#[derive(Debug)]
pub struct Handle {
    disk: Disk,
    generation: u64,
}

impl Disk {
    /// Opens it for one writer.
    pub fn open(&self) -> Handle {
        Handle { disk: self.clone(), generation: self.0.lock().generation }
    }

    /// No room from now on, or room again.
    pub fn full(&self, full: bool) {
        self.0.lock().full = full;
    }

    /// The power goes: what was not synced is gone, and whoever had it open writes nothing more.
    pub fn crash(&self) {
        let mut platter = self.0.lock();
        platter.generation += 1;
        while let Some(undo) = platter.undo.pop() {
            match undo {
                Undo::Bytes(at, old) => platter.bytes[at..at + old.len()].copy_from_slice(&old),
                Undo::Grown(len) => platter.bytes.truncate(len),
                Undo::Shrunk(tail) => platter.bytes.extend(tail),
            }
        }
    }
}

impl Handle {
    fn with<T>(&self, step: impl FnOnce(&mut Platter) -> io::Result<T>) -> io::Result<T> {
        let mut platter = self.disk.0.lock();
        if platter.generation != self.generation {
            return Err(io::Error::other("the power was cut"));
        }
        step(&mut platter)
    }

    fn change<T>(&self, step: impl FnOnce(&mut Platter) -> T) -> io::Result<T> {
        self.with(|platter| if platter.full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(step(platter)) })
    }
}

impl StorageBackend for Handle {
    fn len(&self) -> io::Result<u64> {
        self.with(|platter| Ok(platter.bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.with(|platter| {
            let at = place(offset)?;
            let bytes = platter.bytes.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            out.copy_from_slice(bytes);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = place(len)?;
        self.change(|platter| {
            let now = platter.bytes.len();
            let undo = if len < now { Undo::Shrunk(platter.bytes.split_off(len)) } else { Undo::Grown(now) };
            platter.bytes.resize(len, 0);
            platter.undo.push(undo);
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(|platter| platter.undo.clear())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let at = place(offset)?;
        self.change(|platter| {
            let place = platter.bytes.get_mut(at..at + data.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            let old = place.to_vec();
            place.copy_from_slice(data);
            platter.undo.push(Undo::Bytes(at, old));
            Ok(())
        })?
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_cut_loses_only_unsynced_writes() {
        let disk = Disk::default();
        let first = disk.open();
        first.set_len(4).unwrap();
        first.write(0, b"kept").unwrap();
        first.sync_data().unwrap();
        first.write(1, b"xx").unwrap();
        first.set_len(8).unwrap();
        first.write(4, b"more").unwrap();
        first.set_len(2).unwrap();
        disk.crash();
        assert!(first.write(0, b"x").is_err(), "the dead write nothing");
        let second = disk.open();
        let mut read = [0; 4];
        second.read(0, &mut read).unwrap();
        assert_eq!((&read, second.len().unwrap()), (b"kept", 4));
    }

    #[test]
    fn a_full_disk_can_only_be_read() {
        let disk = Disk::default();
        let handle = disk.open();
        handle.set_len(1).unwrap();
        disk.full(true);
        assert_eq!(handle.write(0, b"x").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(handle.len().unwrap(), 1);
    }
}
