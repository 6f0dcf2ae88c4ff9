//! Security codes, PINs and PIN blocks.

use super::*;

#[test]
fn labelled_security_codes_are_masked() {
    check("CVV: 123", "CVV: ***");
    check("cvc2 4567", "cvc2 ****");
    check("Security code no. 987", "Security code no. ***");
    check("CID=1234 OK", "CID=**** OK");
    check("CVV234", "CVV***");
    check("CVV2123", "CVV****");
    check("CVV 2: 123", "CVV 2: ***");
    check("CVV/CVC: 123", "CVV/CVC: ***");
    check("ＣＶＶ：１２３", "ＣＶＶ：***");
    for label in ["CV2: ", "CV2=", "CVV2 (3 digits) ", "cvv (4-digit): ", "C.V.V. ", "c.v.c.2 "] {
        check(&format!("{label}748"), &format!("{label}***"));
    }
    for label in ["Sec. code: ", "SEC CODE ", "Cardverif. ", "Card verif. no. ", "Verif. code "] {
        check(&format!("{label}748"), &format!("{label}***"));
    }
    check("CVV :  7 4 5", "CVV :  * * *");
    check("CVC 7 4 5 1 OK", "CVC * * * * OK");
    untouched("CVV 1 2.50");
    untouched("CVV 3 DIGITS");
    untouched("ACID 123");
    untouched("CVV 12345");
    untouched("INVOICE 123");
    untouched("CVV2 MATCH");
    untouched("CVC 123.50");
}

#[test]
fn labels_of_other_languages_are_known() {
    for label in [
        "Prüfnummer",
        "PRÜFNUMMER",
        "Kartenprüfnummer:",
        "Pruefziffer",
        "Kartenprufnummer:",
        "Kartenpr\u{207F}fnummer",
        "Pr\u{B3}fziffer",
        "Pr├╝fnummer",
        "CODE DE SECURITE",
        "C\u{2264}digo de seguridad",
        "Sicherheitscode:",
        "Cryptogramme visuel :",
        "Código de seguridad",
        "Codice di sicurezza",
        "Veiligheidscode",
        "CAV2",
        "CVE2",
        "Card security code",
    ] {
        check(&format!("{label} 123"), &format!("{label} ***"));
    }
}

#[test]
fn a_code_below_its_label_is_masked() {
    check("CVV\n123", "CVV\n***");
    check("CARD  CVV  EXP\n1111  123  12/27", "CARD  CVV  EXP\n1111  ***  12/27");
    check("EXP    CVV\n12/27  123", "EXP    CVV\n12/27  ***");
    untouched("CVV  OK  QTY\n          123");
    untouched("CVV M 12\n123");
}

#[test]
fn pins_and_pin_blocks_are_masked() {
    check("PIN: 1234", "PIN: ****");
    check("PIN BLOCK 0412AC89ABCDEF67", "PIN BLOCK ****************");
    check("PIN BLOCK: 0412 AC89 ABCD EF67 OK", "PIN BLOCK: **** **** **** **** OK");
    check("Encrypted PIN data: 0412AC89ABCDEF67", "Encrypted PIN data: ****************");
    untouched("PIN OK");
    untouched("PIN VERIFIED 12.50");
    untouched("SPIN 1234");
}
