//! What a till's line says is no receipt.

use crate::faults::fail::Held;
use crate::faults::judge::Losses;
use crate::faults::scene::Scene;
use crate::faults::till::Line;
use crate::faults::wait::{pass, until};
use crate::faults::{Row, Stage};
use crate::limits;

pub const MALFORMED: Row = Row {
    number: 14,
    name: "malformed input",
    made: "one till's line carries noise, a line without an end, a flood of zeros and a receipt at the wrong speed, while \
           another till prints",
    holds: "the other till's receipts all arrive, and so do those that follow a silence on the first; the agent goes on",
    mutant: "the noise is on the other till's line, in the middle of its receipts",
    caught: "its receipts arrive",
    quick: false,
    play: malformed,
};

/// Bytes of each kind of noise.
const NOISE: usize = 128 * 1024;

fn malformed(stage: &Stage) -> Held {
    let (mut scene, mut other) = Scene::set(stage)?;
    let mut till = Line::beside(&other, "till-2", stage.seed ^ 1)?;
    scene.settings.tables = format!(
        "[[serial]]\nname = \"till-2\"\nport = \"{}\"\nbaud = 115200\ndialect = \"escpos-generic\"\n",
        till.path()
    );
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    let both = || Ok((agent.count("answers") >= 2).then_some(()));
    until("both tills answer", scene.patience(), both)?;
    let mut rng = stage.rng();
    let mut random = || std::iter::repeat_with(|| rng.u8(..)).take(NOISE).collect::<Vec<u8>>();
    let noises = [random(), vec![b'A'; NOISE], vec![0; NOISE], random()];
    for noise in &noises {
        till.write(noise)?;
        let middle = if stage.is_mutant() { noise.as_slice() } else { &[] };
        other.print_around(middle)?;
    }
    // As heard at twice the speed: each bit is two, half of the bytes break off.
    till.print_changed(|byte| byte.wrapping_mul(3) | 0x80)?;
    other.print(2)?;
    let numbers = scene.numbers();
    let all = || Ok(scene.has_sound(&numbers)?.then_some(()));
    until("its receipts arrive", scene.patience(), all)?;

    till.print(2)?;
    // What follows the noise at once may be one document with it.
    pass(limits::FAULT_SILENCE);
    till.print(1)?;
    let last = scene.numbers().pop();
    let sound = || Ok(scene.has_sound(last.as_slice())?.then_some(()));
    until("what is printed after the noise arrives", scene.patience(), sound)?;
    scene.settle(agent, confirm, Losses::None)
}
