//! Money as whole minor units of an ISO 4217 currency. No floating point, no conversion.

use std::fmt;

/// The largest amount one payment may ask for, in minor units (contract 1.3).
pub const MAX_AMOUNT_MINOR: i64 = 99_999_999;

/// Active ISO 4217 codes with the number of digits after the decimal separator.
const CURRENCIES: &str = "AED2 AFN2 ALL2 AMD2 AOA2 ARS2 AUD2 AWG2 AZN2 BAM2 BBD2 BDT2 BHD3 BIF0 BMD2 BND2 BOB2 \
BRL2 BSD2 BTN2 BWP2 BYN2 BZD2 CAD2 CDF2 CHF2 CLP0 CNY2 COP2 CRC2 CUP2 CVE2 CZK2 DJF0 DKK2 DOP2 DZD2 EGP2 ERN2 \
ETB2 EUR2 FJD2 FKP2 GBP2 GEL2 GHS2 GIP2 GMD2 GNF0 GTQ2 GYD2 HKD2 HNL2 HTG2 HUF2 IDR2 ILS2 INR2 IQD3 IRR2 ISK0 \
JMD2 JOD3 JPY0 KES2 KGS2 KHR2 KMF0 KPW2 KRW0 KWD3 KYD2 KZT2 LAK2 LBP2 LKR2 LRD2 LSL2 LYD3 MAD2 MDL2 MGA2 MKD2 \
MMK2 MNT2 MOP2 MRU2 MUR2 MVR2 MWK2 MXN2 MYR2 MZN2 NAD2 NGN2 NIO2 NOK2 NPR2 NZD2 OMR3 PAB2 PEN2 PGK2 PHP2 PKR2 \
PLN2 PYG0 QAR2 RON2 RSD2 RUB2 RWF0 SAR2 SBD2 SCR2 SDG2 SEK2 SGD2 SHP2 SLE2 SOS2 SRD2 SSP2 STN2 SVC2 SYP2 SZL2 \
THB2 TJS2 TMT2 TND3 TOP2 TRY2 TTD2 TWD2 TZS2 UAH2 UGX0 USD2 UYU2 UZS2 VED2 VES2 VND0 VUV0 WST2 XAF0 XCD2 XCG2 \
XOF0 XPF0 YER2 ZAR2 ZMW2 ZWG2";

/// An active ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

/// The text is not the code of an active ISO 4217 currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an active ISO 4217 currency code")]
pub struct CurrencyError;

impl Currency {
    /// Parses a three-letter code; lower case is accepted and folded.
    ///
    /// # Errors
    /// [`CurrencyError`] when ISO 4217 has no such active currency.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| CurrencyError)?;
        let code = bytes.map(|b| b.to_ascii_uppercase());
        let entry = CURRENCIES.as_bytes().chunks(5).find(|entry| entry[..3] == code).ok_or(CurrencyError)?;
        Ok(Self { code, exponent: entry[3] - b'0' })
    }

    /// The upper-case code, `EUR`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("XXX")
    }

    /// Digits after the decimal separator: 2 for EUR, 0 for JPY, 3 for BHD.
    #[must_use]
    pub fn exponent(&self) -> u8 {
        self.exponent
    }

    /// Every active currency, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Currency> {
        CURRENCIES.split(' ').filter_map(|entry| Currency::parse(entry.get(..3)?).ok())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of one currency, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// How many minor units (cents for EUR).
    pub amount_minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// `42.00 EUR`, `4200 JPY`: for people; machines read the minor units.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = usize::from(self.currency.exponent());
        let scale = 10_i64.pow(u32::from(self.currency.exponent()));
        let (whole, rest) = (self.amount_minor / scale, (self.amount_minor % scale).abs());
        if exponent == 0 {
            write!(f, "{whole} {}", self.currency)
        } else {
            let sign = if self.amount_minor < 0 && whole == 0 { "-" } else { "" };
            write!(f, "{sign}{whole}.{rest:0exponent$} {}", self.currency)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_table_is_five_bytes_and_parses() {
        assert_eq!(Currency::all().count(), CURRENCIES.split(' ').count());
        assert!(Currency::all().map(|c| c.code().to_owned()).is_sorted());
    }

    #[test]
    fn amounts_are_written_with_the_currency_s_own_digits() {
        let written =
            |amount_minor, code| Money { amount_minor, currency: Currency::parse(code).unwrap() }.to_string();
        assert_eq!(written(4200, "eur"), "42.00 EUR");
        assert_eq!(written(-5, "EUR"), "-0.05 EUR");
        assert_eq!(written(4200, "JPY"), "4200 JPY");
        assert_eq!(written(1_234_567, "BHD"), "1234.567 BHD");
        assert_eq!(Currency::parse("XXX"), Err(CurrencyError));
        assert_eq!(Currency::parse("EURO"), Err(CurrencyError));
        assert_eq!(Currency::parse(" EU"), Err(CurrencyError));
    }
}
