//! `[[tag]]`: who is heard, and what each is known by.

use super::devices::Seen;
use super::files::{Files, Purpose};
use super::tag_model::{Privacy, TagClass, TagConfig};
use super::{radio, value};
use crate::decode::beacon::{Format, Seal, SecretKey, TagMatch};
use crate::limits;
use crate::spanned::{Fault, Table, Value, quote};

/// What a `match` begins with: exactly one of them.
const KINDS: [&str; 5] = ["ibeacon", "altbeacon", "eddystone", "mac", "irk_file"];

/// Bytes of a key's file: 32 digits, and room for white space.
const KEY_BYTES: u64 = 64;

/// All `[[tag]]`s.
pub fn tags(root: &mut Table<'_>, files: Files<'_>, privacy: Privacy) -> Vec<TagConfig> {
    let mut seen = Seen::default();
    let tags = root.sections("tag", |table| tag(table, &mut seen, files, privacy));
    let resolving = |tag: &&TagConfig| matches!(tag.known_by, TagMatch::Resolving(_));
    let resolving = tags.iter().filter(resolving).count();
    for (count, most, what) in [
        (tags.len(), limits::TAGS, "tags"),
        (resolving, limits::RESOLVED_TAGS, "tags with an `irk_file`"),
    ] {
        if count > most {
            let fault = Fault::new(format!("{count} {what} are more than can be tracked"));
            root.mistake("tag", fault.hint(format!("at most {most}")));
        }
    }
    tags
}

fn tag(
    table: &mut Table<'_>,
    seen: &mut Seen,
    files: Files<'_>,
    privacy: Privacy,
) -> Option<TagConfig> {
    let id = table.required("id", value::name);
    if let Some(id) = &id {
        seen.claim(table, "id", &format!("the tag id {}", quote(id)));
    }
    let class = table.required("class", |v| {
        v.one_of(&[
            ("customer", TagClass::Customer),
            ("staff", TagClass::Staff),
            ("asset", TagClass::Asset),
            ("truck", TagClass::Truck),
            ("reference", TagClass::Reference),
        ])
    });
    let people = matches!(class, Some(TagClass::Customer | TagClass::Staff));
    if people && privacy == Privacy::AssetsOnly {
        let fault = Fault::new("people's tags are not heard with `mode = \"assets_only\"`");
        table.warn("class", fault.hint("remove the tag, or set [privacy] mode = \"optin\""));
    }
    let known_by = table.required_section("match", |table| known_by(table, files));
    if let Some(shown) = known_by.as_ref().and_then(shown) {
        seen.claim(table, "match", &format!("the tag {shown}"));
    }
    Some(TagConfig { id: id?, class: class?, known_by: known_by? })
}

fn known_by(table: &mut Table<'_>, files: Files<'_>) -> Option<TagMatch> {
    let mut kinds = KINDS.into_iter().filter(|kind| table.has(kind));
    let Some(kind) = kinds.next() else {
        let fault = Fault::new("nothing says what the tag is known by");
        let hint = "one of `ibeacon`, `altbeacon` (a UUID, with `major` and `minor`), `eddystone` (with `instance`), \
                    `mac` (with `key_file` for encrypted BTHome), `irk_file`";
        table.mistake("", fault.hint(hint));
        table.allow_unknown();
        return None;
    };
    let others: Vec<&str> = kinds.collect();
    if let Some(other) = others.first() {
        let fault = Fault::new(format!("a tag is known by `{kind}` or by `{other}`, not by both"));
        table.mistake(other, fault.hint("make two [[tag]]s of it"));
        table.allow_unknown();
        return None;
    }
    match kind {
        "eddystone" => {
            let namespace = table.required("eddystone", |v| value::hex(v, false));
            let instance = table.required("instance", |v| value::hex(v, false));
            Some(TagMatch::EddystoneUid { namespace: namespace?, instance: instance? })
        }
        "mac" => {
            let address = table.required("mac", radio::device_address);
            let seal = match key(table, "key_file", files) {
                None => Seal::None,
                Some(None) => Seal::Missing,
                Some(Some(key)) => Seal::Key(key),
            };
            Some(TagMatch::Address(address?, seal))
        }
        "irk_file" => key(table, "irk_file", files).map(TagMatch::Resolving),
        kind => beacon(table, kind == "ibeacon"),
    }
}

fn beacon(table: &mut Table<'_>, apple: bool) -> Option<TagMatch> {
    let short = |v: Value<'_>| v.integer::<u16>(0..=0xffff).map(Some);
    let (name, format) =
        if apple { ("ibeacon", Format::IBeacon) } else { ("altbeacon", Format::AltBeacon) };
    let uuid = table.required(name, |v| value::hex(v, true));
    let major = table.or("major", None, short);
    let minor = table.or("minor", None, short);
    Some(TagMatch::Beacon { format, uuid: uuid?, major: major?, minor: minor? })
}

/// The key in the file that `name` names: `None` where none is named, and an inner `None` where it is of no use now.
fn key(table: &mut Table<'_>, name: &'static str, files: Files<'_>) -> Option<Option<SecretKey>> {
    let path = files.path(table, name)?;
    let shown = path.display();
    let fault = match files.env.bytes(&path, KEY_BYTES) {
        Ok(bytes) => match std::str::from_utf8(&bytes).ok().and_then(SecretKey::parse) {
            Some(key) => return Some(Some(key)),
            None => Fault::new(format!("`{name}`: {shown} is no key"))
                .hint("32 hexadecimal digits, as the sensor's app shows them, and nothing else"),
        },
        Err(error) => {
            let fault = Fault::new(format!("`{name}`: {shown} cannot be read: {error}"));
            table.warn(name, fault.hint("until it can, the tag is not heard"));
            return Some(None);
        }
    };
    match files.purpose {
        Purpose::Check => table.mistake(name, fault),
        Purpose::Start => table.warn(name, fault),
    }
    Some(None)
}

/// What no second tag may be known by.
fn shown(known_by: &TagMatch) -> Option<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let number = |it: Option<u16>| it.map_or_else(|| "*".to_owned(), |it| it.to_string());
    Some(match known_by {
        TagMatch::Beacon { format, uuid, major, minor } => {
            let kind = match format {
                Format::IBeacon => "",
                Format::AltBeacon => "altbeacon ",
            };
            format!("{kind}{} {}/{}", hex(uuid), number(*major), number(*minor))
        }
        TagMatch::EddystoneUid { namespace, instance } => {
            format!("{} {}", hex(namespace), hex(instance))
        }
        TagMatch::Address(address, _) => format!("address {}", hex(&address.0)),
        TagMatch::Resolving(_) => return None,
    })
}
