//! Magnetic stripes.

use super::*;

#[test]
fn tracks_are_dropped_whole() {
    check("A %B4111111111111111^DOE/JOHN^27121010000000? B", "A  B");
    check("A B4111111111111111^DOE/JOHN^27121010000000? B", "A  B");
    check("A %B3782 822463 10005^DOE/JOHN^27121010000000? B", "A  B");
    check("A ;4111111111111111=27121010000000? B", "A  B");
    check("A ;4111111111111111=2712", "A");
    check("A ;594111111111111111=724724000000000030000000=1=0000=00? B", "A  B");
    check("A ；４１１１１１１１１１１１１１１１＝２７１２１０１？ B", "A  B");
    untouched("100% Bio; 3=2+1");
    untouched("https://example.net/?t=20261121T1405&s=12.50&i=1");
}

#[test]
fn tracks_without_sentinels_are_dropped() {
    check("57: 4111111111111111D27121010000012345F", "57: F");
    check("57114111111111111111D27121010000012345F", "F");
    check("A 4111111111111111=27121010000012345 B", "A  B");
    check("A 4111 1111 1111 1111=27121010000012345 B", "A  B");
    check("57134111111111111111D2905", "");
    check("A 9F6B134111111111111111D2905 B", "A 9F6B B");
    check("A 0208405F2A0208265713 4111111111111111D2905F 5F24", "A 0208405F2AF 5F24");
    check("A 4111111111111111d2905 B", "A  B");
    untouched("A 1234567890123456D2905 B");
    check("A 594111111111111111=7247240000=030000000=1=0 B", "A  B");
}

#[test]
fn what_is_left_of_a_track_is_dropped() {
    check("A 11111111=27121010000012345? B", "A  B");
    check("DOE/JOHN^27121010000012345? B", "DOE/JOHN B");
    untouched("A=1234? B");
}
