package sandbox

import (
	"strings"

	"lantern/internal/money"
)

// currencies are those that Stripe charges cards in
// (docs.stripe.com/currencies, presentment currencies).
const currencies = " usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd" +
	" cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf" +
	" idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr" +
	" mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp" +
	" sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw "

// smallest is the least that a card payment can be, in minor units
// (docs.stripe.com/currencies, minimum charge amounts). For other currencies
// Stripe converts; here anything above zero will do.
var smallest = map[string]int64{
	"usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
	"gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
	"pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}

func checkCurrency(code, param string) *apiError {
	if len(code) != 3 || !strings.Contains(currencies, " "+code+" ") {
		return badRequest("", param, "Invalid currency: %s.", code)
	}
	return nil
}

// checkCharge holds an amount to Stripe's rules for charges.
func checkCharge(amount int64, currency, param string) *apiError {
	least := max(smallest[currency], 1)
	if amount < least {
		return badRequest("amount_too_small", param, "The Checkout Session's total amount must be at least %s.", amountText(least, currency))
	}
	if amount > money.Max {
		return badRequest("amount_too_large", param, "Amount must be no more than %s.", amountText(money.Max, currency))
	}
	return checkStep(amount, currency, param)
}

// checkStep refuses amounts that the card networks cannot carry: the last
// digit of three must be zero, and krónur and shillings are whole
// (docs.stripe.com/currencies, special cases).
func checkStep(amount int64, currency, param string) *apiError {
	step := int64(1)
	switch {
	case money.Digits(strings.ToUpper(currency)) == 3:
		step = 10
	case currency == "isk" || currency == "ugx":
		step = 100
	}
	if amount%step != 0 {
		return badRequest("invalid_charge_amount", param, "Amounts in %s must be divisible by %d.", strings.ToUpper(currency), step)
	}
	return nil
}

func amountText(minor int64, currency string) string {
	return money.Of(minor, strings.ToUpper(currency)).String()
}
