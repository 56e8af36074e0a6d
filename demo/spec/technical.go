package spec

import "github.com/fellesloft/fellesloft/internal/domain/requirement"

var security = area{"4 Informasjonssikkerhet og personvern", []row{
	must("4.1", "Normen", "Leverandøren skal være forpliktet til å følge Norm for informasjonssikkerhet og personvern i helse- og omsorgssektoren (Normen) gjennom avtale.").
		evidence("Avtale med Norsk helsenett eller tilsvarende").from("SEC-01"),
	must("4.2", "Databehandleravtale", "Leverandøren skal inngå databehandleravtale som dekker hver av de deltakende kommunene.").from("SEC-05"),
	must("4.3", "Skille mellom kommunenes data", "Data fra én kommune skal være teknisk skilt fra andre kommuners data. Ingen feil i tilgangsstyringen hos én kommune skal gi innsyn i en annens data.").
		help("Beskriv gjerne hvordan skillet testes i svaret på 4.8."),
	must("4.4", "Lagring og behandling i EØS", "Helse- og personopplysninger skal lagres og behandles i EØS, også ved support og feilsøking.").from("SEC-07"),
	must("4.5", "Fjernaksess", "Fjernaksess skal følge Normens veileder, med tidsbegrenset og sporbar tilgang som kommunen godkjenner.").from("SEC-06"),
	must("4.6", "Risikovurdering", "Leverandøren skal legge fram risiko- og sårbarhetsanalyse for løsningen og for hver integrasjon før oppstart, og oppdatere den ved endringer.").
		evidence("ROS-analyse").from("SEC-03"),
	row{Requirement: requirement.Requirement{
		Number: "4.7", Title: "Styringssystem", Text: "Leverandøren skal ha et styringssystem for informasjonssikkerhet etter ISO/IEC 27001 eller tilsvarende. Hva gjelder for tilbudet?",
		Kind: requirement.Absolute, AnswerType: requirement.Choice, Mandatory: true,
		Options: []requirement.Option{
			{Label: "Sertifisert etter ISO/IEC 27001"}, {Label: "Tilsvarende styringssystem", WantsComment: true}, {Label: "Nei"},
		},
		PassIf: []string{"Sertifisert etter ISO/IEC 27001", "Tilsvarende styringssystem"},
	}}.evidence("Sertifikat med omfang, eller beskrivelse av tilsvarende tiltak").from("SEC-04"),
	rate("4.8", quality, 15, 500, "Tilgangsstyring og logg", "Beskriv tilgangsstyring etter tjenstlig behov, innsynslogg og hvordan kommunen følger opp uberettigede oppslag."),
	rate("4.9", quality, 5, 300, "Håndtering av sikkerhetshendelser", "Beskriv varsling til kommunene, arbeidsdeling og øving ved sikkerhetshendelser."),
	must("4.10", "Innebygd personvern", "Løsningen skal kunne slette, rette og utlevere opplysninger om en person når kommunen ber om det, innen lovens frister."),
	inform("4.11", "Underdatabehandlere", "List opp underdatabehandlere med land og oppgave.").answered(requirement.Text).limited(requirement.Limits{Characters: 3000}),
	must("4.12", "Tredjepart i Helsenettet", "Leverandøren skal være, eller før oppstart bli, godkjent som tredjepartsleverandør i Helsenettet for den tilbudte tjenesten.").
		evidence("Godkjenning").from("SEC-02"),
}}

var operations = area{"6 Drift, arkitektur og tjenestenivå", []row{
	row{criterion: quality, Requirement: requirement.Requirement{
		Number: "6.1", Title: "Oppetid", Text: "Oppgi garantert oppetid per måned, hele døgnet. Oppetiden skal være minst 99,5 %. Høyere garantert oppetid gir bedre vurdering.",
		Kind: requirement.Both, AnswerType: requirement.Number, Weight: requirement.Percents(5), Mandatory: true,
		Limits: requirement.Limits{Min: "99.5", Max: "100", Unit: "%"},
	}},
	must("6.2", "Døgnbemannet feilmottak", "Kritiske feil skal kunne meldes hele døgnet, og arbeidet med retting skal begynne innen 30 minutter."),
	row{criterion: quality, Requirement: requirement.Requirement{
		Number: "6.3", Title: "Gjenoppretting", Text: "Data skal kunne gjenopprettes med høyst 15 minutters tap. Beskriv sikkerhetskopi, gjenopprettingstid og hvordan gjenoppretting øves.",
		Kind: requirement.Both, AnswerType: requirement.Text, Weight: requirement.Percents(5), Mandatory: true, Limits: requirement.Limits{Words: 300},
	}},
	must("6.4", "Åpne API-er", "Kommunens egne data skal være tilgjengelige for kommunen gjennom dokumenterte API-er uten ekstra kostnad."),
	must("6.5", "Testmiljø", "Kommunene skal ha tilgang til et testmiljø som likner produksjon, uten reelle personopplysninger."),
	inform("6.6", "Versjoner", "Hvor mange hovedversjoner ble satt i drift hos kunder de siste tolv månedene?").answered(requirement.Number).
		limited(requirement.Limits{Min: "0", Max: "400", Unit: "versjoner"}),
	must("6.7", "Mobil bruk uten dekning", "Ansatte skal kunne lese dagens oppdrag og dokumentere når mobildekningen er borte, og data skal synkroniseres uten tap når den er tilbake."),
	inform("6.8", "Skisse av arkitektur", "Legg ved en skisse av arkitekturen med informasjonsflyt til journal og nasjonale løsninger.").answered(requirement.Document).
		limited(requirement.Limits{Max: "3"}),
}}

var rollout = area{"7 Innføring, opplæring og samarbeid", []row{
	must("7.1", "Oppstart i puljer", "Innføringen skal kunne skje i puljer på inntil fire kommuner, der små og store kommuner kan delta i samme pulje."),
	rate("7.2", delivery, 35, 600, "Plan for innføring", "Beskriv plan for innføring i en pulje: faser, kommunens egeninnsats i timer, kritiske avhengigheter og hvordan erfaringer tas videre til neste pulje."),
	rate("7.3", delivery, 25, 400, "Opplæring", "Beskriv opplæring av superbrukere, nattevakter og vikarer, og hvordan effekten måles."),
	rate("7.4", delivery, 20, 400, "Overføring av data", "Beskriv hvordan data fra dagens løsninger overføres og kontrolleres, og hvordan kommunen godkjenner resultatet."),
	rate("7.5", delivery, 20, 300, "Samarbeid i avtaletiden", "Beskriv hvordan kommunene påvirker prioriteringen av ny funksjonalitet, og hvordan forbedringer deles mellom dem."),
	inform("7.6", "Tidligste oppstart", "Når kan første pulje tidligst starte?").answered(requirement.Date).limited(requirement.Limits{Min: "2026-01-01"}),
	must("7.7", "Norskspråklig støtte", "Opplæring og brukerstøtte skal gis på norsk."),
	inform("7.8", "Kommunenes egne ressurser", "Hver kommune stiller med prosjektleder, fagansvarlig og ikt-kontakt. Små kommuner kan dele disse gjennom det digitale nettverket."),
}}

var climate = area{"8 Klima og miljø", []row{
	must("8.1", "Retur av utstyr", "Leverandøren skal ta imot utstyr til ombruk og forsvarlig avfallsbehandling uten kostnad for kommunene.").evidence("Rutine og avtale om mottak"),
	rate("8.2", environment, 30, 400, "Levetid og ombruk", "Beskriv forventet levetid, reparasjon, reservedeler og hvordan brukt utstyr settes i stand og tas i bruk på nytt."),
	rate("8.3", environment, 25, 300, "Transport og oppdrag", "Beskriv hvordan antallet kjøreoppdrag for levering, montering og service reduseres, og hvilke utslippsfrie kjøretøy som brukes."),
	rate("8.4", environment, 25, 300, "Energibruk i drift", "Beskriv energikilder og energieffektivitet i datasentre, og strømforbruk i utstyr hjemme hos innbyggerne."),
	rate("8.5", environment, 20, 300, "Klimaregnskap", "Beskriv hvordan utslipp fra leveransen måles og rapporteres årlig per kommune, og hvilke mål som er satt."),
	inform("8.6", "Miljøledelse", "Hvilket miljøledelsessystem har leverandøren?").choosing(
		requirement.Option{Label: "ISO 14001"}, requirement.Option{Label: "EMAS"}, requirement.Option{Label: "Miljøfyrtårn"},
		requirement.Option{Label: "Annet", WantsComment: true}, requirement.Option{Label: "Ikke sertifisert"}),
}}

var prices = area{"9 Pris", []row{
	row{criterion: price, Requirement: requirement.Requirement{
		Number: "9.1", Title: "Trygghetsteknologi", Text: "Oppgi enhetspriser i kroner uten merverdiavgift. Mengdene er samlet for alle kommunene og for fire år. De er anslag og binder ikke.",
		Kind: requirement.Rated, AnswerType: requirement.PriceSchedule, Mandatory: true,
		PriceLines: []requirement.PriceLine{
			{Code: "9.1.1", Text: "Trygghetsalarm med abonnement, per måned", Quantity: "86400", Unit: "måned", Counts: true},
			{Code: "9.1.2", Text: "Elektronisk dørlås, levert og montert", Quantity: "2400", Unit: "stk", Counts: true},
			{Code: "9.1.3", Text: "Digitalt tilsyn, utstyr og abonnement, per måned", Quantity: "28800", Unit: "måned", Counts: true},
			{Code: "9.1.4", Text: "Opsjon: elektronisk medisindispenser, per måned", Quantity: "9600", Unit: "måned", Counts: false},
		},
	}}.in(LotSafety),
	row{criterion: price, Requirement: requirement.Requirement{
		Number: "9.2", Title: "Journalintegrasjon", Text: "Oppgi priser i kroner uten merverdiavgift for etablering og drift av integrasjonene. Driftspris oppgis for hvert avtaleår.",
		Kind: requirement.Rated, AnswerType: requirement.PriceSchedule, Mandatory: true,
		PriceLines: []requirement.PriceLine{
			{Code: "9.2.1", Text: "Etablering per kommune", Quantity: "12", Unit: "kommune", Counts: true},
			{Code: "9.2.2", Text: "Drift og vedlikehold, alle kommuner, per år", Quantity: "1", Unit: "år", Counts: true, Periods: []string{"År 1", "År 2", "År 3", "År 4"}},
			{Code: "9.2.3", Text: "Opsjon: ny integrasjon etter bestilling", Quantity: "4", Unit: "stk", Counts: false},
		},
	}}.in(LotIntegration),
	row{criterion: price, Requirement: requirement.Requirement{
		Number: "9.3", Title: "Innføring og bistand", Text: "Oppgi timepris uten merverdiavgift for innføring, opplæring og bistand. Reisekostnader er inkludert.",
		Kind: requirement.Rated, AnswerType: requirement.PriceSchedule, Mandatory: true,
		PriceLines: []requirement.PriceLine{
			{Code: "9.3.1", Text: "Prosjektleder", Quantity: "1200", Unit: "time", Counts: true},
			{Code: "9.3.2", Text: "Rådgiver eller instruktør", Quantity: "2800", Unit: "time", Counts: true},
		},
	}},
}}

var contract = area{"10 Avtale og avslutning", []row{
	must("10.1", "Avtalevilkår", "Leverandøren godtar avtaleutkastet med bilag uten forbehold av betydning."),
	must("10.2", "Avslutning av avtalen", "Ved avtalens slutt skal hver kommune få sine data utlevert i et åpent og dokumentert format, og leverandøren skal bistå ved overgang."),
	row{Requirement: requirement.Requirement{
		Number: "10.3", Title: "Opsjon: responstjeneste", Text: "Kan leverandøren tilby responstjeneste hele døgnet som opsjon? Opsjonen inngår ikke i evalueringen.",
		Kind: requirement.OptionKind, AnswerType: requirement.Boolean, Mandatory: true,
	}},
	row{Requirement: requirement.Requirement{
		Number: "10.4", Title: "Innhold i responstjenesten", Text: "Beskriv responstjenesten: bemanning, språk og overlevering til kommunen.",
		Kind: requirement.OptionKind, AnswerType: requirement.Text, Mandatory: true, Limits: requirement.Limits{Words: 300},
	}}.when("10.3", "true"),
	inform("10.5", "Særlige opplysninger", "Andre opplysninger som leverandøren ønsker at kommunene skal kjenne til.").answered(requirement.Text).
		limited(requirement.Limits{Words: 300}).optional(),
}}
