//! Pages that no crate has, and how Epson and Star number pages.

use encoding_rs::Encoding;

/// (`n` of `ESC t n`, page). 22 to 25 (Thai), 30, 31 (Vietnamese), 11 (851), 12 (853), 41 (1098), 42 (774)
/// and 43 (772) have no table here.
pub(super) const EPSON: &[(u8, &str)] = &[
    (0, "cp437"),
    (1, "katakana"),
    (2, "cp850"),
    (3, "cp860"),
    (4, "cp863"),
    (5, "cp865"),
    (11, "ascii"),
    (12, "ascii"),
    (13, "cp857"),
    (14, "cp737"),
    (15, "iso-8859-7"),
    (16, "windows-1252"),
    (17, "cp866"),
    (18, "cp852"),
    (19, "cp858"),
    (20, "cp874"),
    (21, "cp874"),
    (22, "ascii"),
    (23, "ascii"),
    (24, "ascii"),
    (25, "ascii"),
    (26, "cp874"),
    (30, "ascii"),
    (31, "ascii"),
    (32, "cp720"),
    (33, "cp775"),
    (34, "cp855"),
    (35, "cp861"),
    (36, "cp862"),
    (37, "cp864"),
    (38, "cp869"),
    (39, "iso-8859-2"),
    (40, "iso-8859-15"),
    (41, "ascii"),
    (42, "ascii"),
    (43, "ascii"),
    (44, "cp1125"),
    (45, "windows-1250"),
    (46, "windows-1251"),
    (47, "windows-1253"),
    (48, "windows-1254"),
    (49, "windows-1255"),
    (50, "windows-1256"),
    (51, "windows-1257"),
    (52, "windows-1258"),
    (53, "kz1048"),
];

/// (`n` of `ESC GS t n`, page), from Star's command specifications. 16 (851), 19 (772), 20 (774), 65 to 77
/// (Gost, Polish, CS2, Hungarian, Turkish, Brazilian, Arabic, Lithuanian, Estonian, Latvian) and 79
/// (Maltese) have no table here; 78 (Bulgarian MIK) neither. 96 to 102 are variants of one Thai page.
pub(super) const STAR: &[(u8, &str)] = &[
    (0, "cp437"),
    (1, "cp437"),
    (2, "katakana"),
    (3, "cp437"),
    (4, "cp858"),
    (5, "cp852"),
    (6, "cp860"),
    (7, "cp861"),
    (8, "cp863"),
    (9, "cp865"),
    (10, "cp866"),
    (11, "cp855"),
    (12, "cp857"),
    (13, "cp862"),
    (14, "cp864"),
    (15, "cp737"),
    (16, "ascii"),
    (17, "cp869"),
    (18, "iso-8859-7"),
    (19, "ascii"),
    (20, "ascii"),
    (21, "cp874"),
    (32, "windows-1252"),
    (33, "windows-1250"),
    (34, "windows-1251"),
    (64, "cp866"),
    (96, "cp874"),
    (97, "cp874"),
    (98, "cp874"),
    (99, "cp874"),
    (100, "cp874"),
    (101, "cp874"),
    (102, "cp874"),
];

/// Half-width katakana with the drawing characters and the signs for dates of Japanese printers.
const KATAKANA: (&str, &str) =
    ("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯", "═╞╪╡◢◣◥◤♠♥♦♣●○╱╲╳円年月日時分秒〒市区町村人▒");

/// Ukrainian: page 866 with other letters.
const CP1125: &[(u8, char)] = &[
    (0xF2, 'Ґ'),
    (0xF3, 'ґ'),
    (0xF4, 'Є'),
    (0xF5, 'є'),
    (0xF6, 'І'),
    (0xF7, 'і'),
    (0xF8, 'Ї'),
    (0xF9, 'ї'),
];

/// Kazakh: page 1251 with other letters.
const KZ1048: &[(u8, char)] = &[
    (0x8D, 'Қ'),
    (0x8E, 'Һ'),
    (0x9D, 'қ'),
    (0x9E, 'һ'),
    (0xA1, 'Ұ'),
    (0xA2, 'ұ'),
    (0xA3, 'Ә'),
    (0xA5, 'Ө'),
    (0xAA, 'Ғ'),
    (0xAF, 'Ү'),
    (0xB4, 'ө'),
    (0xBA, 'ғ'),
    (0xBC, 'ә'),
    (0xBD, 'Ң'),
    (0xBE, 'ң'),
    (0xBF, 'ү'),
];

/// The bytes from 80h on of a page that has no table elsewhere.
pub(super) fn named(name: &str) -> Option<[char; 128]> {
    match name {
        "ascii" => Some(['\u{FFFD}'; 128]),
        "katakana" => Some(katakana()),
        "cp1125" => super::oem(866).map(|base| patched(base, CP1125)),
        "kz1048" | "rk1048" => Some(patched(from_encoding(encoding_rs::WINDOWS_1251), KZ1048)),
        _ => None,
    }
}

/// The bytes from 80h on of a single-byte encoding.
pub(super) fn from_encoding(encoding: &'static Encoding) -> [char; 128] {
    let mut high = 0x80..=0xFFu8;
    [(); 128].map(|()| {
        let byte = high.next().unwrap_or(0xFF);
        encoding.decode_without_bom_handling(&[byte]).0.chars().next().unwrap_or('\u{FFFD}')
    })
}

fn patched(mut table: [char; 128], patches: &[(u8, char)]) -> [char; 128] {
    for (byte, c) in patches {
        if let Some(slot) = table.get_mut(usize::from(byte & 0x7F)) {
            *slot = *c;
        }
    }
    table
}

fn katakana() -> [char; 128] {
    let (low, high) = KATAKANA;
    // A0h and FFh are blank; A1h to DFh are U+FF61 to U+FF9F.
    let kana = '\u{FF61}'..='\u{FF9F}';
    let mut chars = low.chars().chain([' ']).chain(kana).chain(high.chars()).chain([' ']);
    [(); 128].map(|()| chars.next().unwrap_or('\u{FFFD}'))
}
