package sandbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Whatever pages of whatever length are asked for, together they are the
// objects that the filters want, the newest first, each once.
func TestPagesTogetherAreTheList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all shelf[*refund]
		gone := rapid.IntRange(0, 5).Draw(t, "gone")
		var at int64 = 100
		for i := range rapid.IntRange(0, 40).Draw(t, "refunds") + gone {
			at += rapid.Int64Range(0, 2).Draw(t, "seconds later")
			r := &refund{ID: fmt.Sprint("re_", i), Created: at}
			if gone == 0 {
				r.PaymentIntent = nullable(rapid.SampledFrom([]string{"pi_1", "pi_2"}).Draw(t, "payment"))
			}
			all.put(r)
		}
		all.drop(gone)
		owner := rapid.SampledFrom([]string{"", "pi_1"}).Draw(t, "owner")
		from, before := rapid.Int64Range(95, 150).Draw(t, "from"), rapid.Int64Range(95, 150).Draw(t, "before")
		even := func(r *refund) bool { return r.Created%2 == 0 }

		var want []string
		for _, r := range slices.Backward(all.items) {
			if (owner == "" || r.owner() == owner) && r.Created >= from && r.Created < before && even(r) {
				want = append(want, r.ID)
			}
		}
		var got []string
		after, more := "", true
		for more {
			form := params{
				"limit": {strconv.Itoa(rapid.IntRange(1, 7).Draw(t, "limit"))}, "created[gte]": {fmt.Sprint(from)}, "created[lt]": {fmt.Sprint(before)},
			}
			if after != "" {
				form["starting_after"] = []string{after}
			}
			answer, failure := list(&call{params: form}, &all, owner, even, itself)
			if failure != nil {
				t.Fatalf("refused: %+v", failure)
			}
			page := answer.(*listing)
			for _, one := range page.Data {
				after = one.(*refund).ID
				got = append(got, after)
			}
			more = page.More
		}
		if !slices.Equal(want, got) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestShelfIsKeptInItsOrder(t *testing.T) {
	t.Parallel()
	var all, again shelf[*refund]
	for _, id := range []string{"re_9", "re_1", "re_5"} {
		all.put(&refund{ID: id, Created: 7, PaymentIntent: "pi_1"})
	}
	if err := json.Unmarshal(mustMarshal(all), &again); err != nil {
		t.Fatal(err)
	}
	for i, r := range again.owners["pi_1"] {
		if r.ID != all.items[i].ID {
			t.Errorf("place %d has %s, want %s", i, r.ID, all.items[i].ID)
		}
	}
	if found, ok := again.get("re_5"); !ok || found.ID != "re_5" {
		t.Errorf("found %+v, %v", found, ok)
	}
	if _, failure := list(&call{params: params{"starting_after": {"re_0"}}}, &again, "", nil, itself); failure == nil || failure.Code != "resource_missing" {
		t.Errorf("after what is not there: %+v", failure)
	}
}

// A file as the versions wrote it that kept objects by their ids and had no
// saved cards, disputes or fees.
const oldFile = `{
"checkouts":{
 "cs_test_B":{"session":{"id":"cs_test_B","object":"checkout.session","created":1805014700,"currency":"usd","customer":"cus_1","mode":"payment",
  "amount_total":125000,"expires_at":1805018300,"payment_intent":null,"payment_status":"unpaid","status":"open","url":"http://app.test/sandbox/pay/cs_test_B"},"item_name":"Reservation"},
 "cs_test_A":{"session":{"id":"cs_test_A","object":"checkout.session","created":1805014600,"currency":"usd","mode":"payment",
  "amount_total":50000,"payment_intent":"pi_A","payment_status":"paid","status":"complete"}}},
"payment_intents":{"pi_A":{"id":"pi_A","object":"payment_intent","amount":50000,"amount_received":50000,"created":1805014600,"currency":"usd",
 "customer":"cus_1","latest_charge":"ch_A","payment_method":"pm_A","status":"succeeded"}},
"charges":{"ch_A":{"id":"ch_A","object":"charge","amount":50000,"amount_refunded":1000,"currency":"usd","paid":true,"payment_intent":"pi_A","payment_method":"pm_A"}},
"payment_methods":{"pm_A":{"id":"pm_A","object":"payment_method","type":"card","customer":"cus_1","card":{"brand":"visa","exp_month":12,"exp_year":2034,"last4":"4242"}}},
"customers":{"cus_1":{"id":"cus_1","object":"customer"}},
"refunds":[{"id":"re_1","object":"refund","amount":1000,"charge":"ch_A","currency":"usd","payment_intent":"pi_A","status":"succeeded"}],
"events":[{"id":"evt_1","type":"payment_intent.succeeded","created":1805014600,"object":{"id":"pi_A","object":"payment_intent"}}],
"answers":null}`

func TestFileOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.json")
	if err := os.WriteFile(path, []byte(oldFile), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, path)
	_, page := b.api("GET", "/v1/checkout/sessions?limit=2", nil)
	sessions := page["data"].([]any)
	if len(sessions) != 2 || sessions[0].(map[string]any)["id"] != "cs_test_B" {
		t.Errorf("sessions, newest first: %v", sessions)
	}
	// The fee of an old payment was never said.
	_, paid := b.api("GET", "/v1/payment_intents/pi_A?expand[]=latest_charge.balance_transaction&expand[]=payment_method", nil)
	if charge := paid["latest_charge"].(map[string]any); charge["balance_transaction"] != nil || charge["amount_refunded"] != 1000.0 {
		t.Errorf("the old charge is %v", charge)
	}
	status, made := b.api("POST", "/v1/payment_intents", url.Values{
		"amount": {"75000"}, "currency": {"usd"}, "customer": {"cus_1"}, "payment_method": {"pm_A"}, "payment_method_types[0]": {"card"},
		"confirm": {"true"}, "off_session": {"true"},
	}, "Idempotency-Key", "k")
	if status != 200 || made["status"] != "succeeded" {
		t.Errorf("the old card: %d %v", status, made)
	}
	if answer := b.submit("/pay/cs_test_B", cardOf("4242424242424242", "12/34", "123")); answer.Code != 303 {
		t.Errorf("the old page answers %d", answer.Code)
	}
	again := newBench(t, path)
	if received, refunded := again.Totals(); received["USD"] != 250_000 || refunded["USD"] != 1_000 {
		t.Errorf("after another start: took %v, gave back %v", received, refunded)
	}
	if len(again.pending) == 0 || again.pending[0].ID != "evt_1" {
		t.Error("the old event is not to be delivered any more")
	}
}
