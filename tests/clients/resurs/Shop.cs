// A shop over all four services with .NET proxies that wsdl.exe made of the contracts: arguments are the base address, user name
// and password. The proxies wait for the challenge before they send credentials.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Text;
using System.Web.Script.Serialization;
using System.Web.Services.Protocols;
using System.Xml;

static class Shop
{
    static readonly JavaScriptSerializer Json = new JavaScriptSerializer();
    static After.AfterShopFlowService after;
    static Flow.SimplifiedShopFlowService flow;
    static Sign.SimplifiedShopFlowService signed; // one proxy cannot have two methods with the same answer element
    static Conf.ConfigurationService configuration;
    static Dev.DeveloperService developer;

    static void Step(string name, Func<object> call)
    {
        object value;
        try { value = call(); }
        catch (SoapException fault)
        {
            if (fault.Detail == null) throw;
            var detail = fault.Detail.ChildNodes.OfType<XmlElement>().Single();
            value = new Dictionary<string, object>
            {
                { "id", int.Parse(detail["errorTypeId"].InnerText) }, { "name", detail["errorTypeDescription"].InnerText },
                { "fixable", detail["fixableByYou"].InnerText == "true" }
            };
        }
        Console.WriteLine(Json.Serialize(new[] { name, value }));
    }

    static void Do(string name, Action call)
    {
        Step(name, () => { call(); return null; });
    }

    static T For<T>(T service, string address, NetworkCredential login) where T : SoapHttpClientProtocol
    {
        service.Url = address;
        service.Credentials = login;
        return service;
    }

    static After.paymentSpec Part(int quantity)
    {
        var line = new After.specLine
        {
            id = "1", artNo = "CUP-1", description = "Cup", quantity = quantity, unitMeasure = "st", unitAmountWithoutVat = 80,
            vatPct = 25, totalVatAmount = 20 * quantity, totalAmount = 100 * quantity
        };
        return new After.paymentSpec
        {
            specLines = new[] { line }, totalAmount = line.totalAmount, totalVatAmount = line.totalVatAmount,
            totalVatAmountSpecified = true // without the flag the proxy leaves the value out
        };
    }

    static Flow.address Place(string street)
    {
        return new Flow.address
        {
            fullName = "Prov Testsson", addressRow1 = street, postalArea = "Provstad", postalCode = "12345",
            country = Flow.countryCode.SE
        };
    }

    // A delivery to another street asks for a signature.
    static Flow.bookPaymentResult Book(string id, string person, string delivery = null)
    {
        var line = new Flow.specLine
        {
            id = "1", artNo = "CUP-1", description = "Cup", quantity = 2, unitMeasure = "st", unitAmountWithoutVat = 80, vatPct = 25,
            totalVatAmount = 40, totalAmount = 200
        };
        var data = new Flow.paymentData { preferredId = id, paymentMethodId = "INVOICE", waitForFraudControl = true };
        var order = new Flow.paymentSpec
        {
            specLines = new[] { line }, totalAmount = 200, totalVatAmount = 40, totalVatAmountSpecified = true
        };
        var customer = new Flow.extendedCustomer
        {
            governmentId = person, phone = "0701122333", email = "prov@example.com", type = Flow.customerType.NATURAL,
            typeSpecified = true, address = Place("Provgatan 1"), deliveryAddress = delivery == null ? null : Place(delivery)
        };
        var signing = new Flow.signing { successUrl = "http://shop.example/ok", failUrl = "http://shop.example/no" };
        return flow.bookPayment(data, order, null, customer, null, signing, null, null);
    }

    // What the shop's customer does on the page, and where the page leads.
    static string Signed(string url)
    {
        var request = (HttpWebRequest)WebRequest.Create(url);
        request.Method = "POST";
        request.AllowAutoRedirect = false;
        request.ContentType = "application/x-www-form-urlencoded";
        var body = Encoding.ASCII.GetBytes("answer=sign");
        using (var stream = request.GetRequestStream()) stream.Write(body, 0, body.Length);
        using (var answer = request.GetResponse()) return answer.Headers["Location"];
    }

    static object Payment()
    {
        var payment = after.getPayment("P-1");
        return new Dictionary<string, object>
        {
            { "total", payment.totalAmount.ToString(CultureInfo.InvariantCulture) },
            { "status", payment.status.Select(one => one.ToString()).ToArray() },
            { "limit", payment.limit.ToString(CultureInfo.InvariantCulture) },
            { "numbers", payment.paymentDiffs.Select(diff => diff.invoiceId).Where(number => number != null).ToArray() }
        };
    }

    static void Finalize(string id, After.paymentSpec part = null, string order = null)
    {
        after.finalizePayment(id, null, part, null, order, null, false, null, null, false, null);
    }

    static object Found()
    {
        var criteria = new After.searchCriteria { statusSet = new[] { After.paymentStatus.IS_CREDITED } };
        var sort = new After.sortOrder
        {
            ascending = false, sortColumns = new[] { After.sortAlternative.FINALIZED_TIME, After.sortAlternative.BOOKED_TIME }
        };
        return after.findPayments(criteria, 1, true, 10, true, sort).Select(one => one.paymentId).ToArray();
    }

    static void Register()
    {
        var digest = new Conf.digestConfiguration
        {
            digestAlgorithm = Conf.digestAlgorithm.SHA1, digestParameters = new[] { "paymentId" }, digestSalt = "s3cret"
        };
        const string template = "http://127.0.0.1:9/cb?id={paymentId}&digest={digest}";
        configuration.registerEventCallback("UPDATE", template, null, null, digest);
    }

    static Conf.invoiceData Sender()
    {
        return new Conf.invoiceData
        {
            name = "Provbolaget", street = "x", zipcode = "x", city = "x", country = "x", phone = "x", email = "x", homepage = "x",
            vatreg = "x", orgnr = "x", companytaxnote = true, logotype = new byte[] { 137, 80, 78, 71 }, modifiedby = "clerk"
        };
    }

    static void Main(string[] words)
    {
        Console.OutputEncoding = new UTF8Encoding(false);
        var login = new NetworkCredential(words[1], words[2]);
        after = For(new After.AfterShopFlowService(), words[0] + "AfterShopFlowService", login);
        flow = For(new Flow.SimplifiedShopFlowService(), words[0] + "SimplifiedShopFlowService", login);
        signed = For(new Sign.SimplifiedShopFlowService(), flow.Url, login);
        configuration = For(new Conf.ConfigurationService(), words[0] + "ConfigurationService", login);
        developer = For(new Dev.DeveloperService(), words[0] + "DeveloperWebService", login);

        Step("methods", () => flow.getPaymentMethods(Flow.language.sv, true, Flow.customerType.NATURAL, true, 500, true)
            .Select(method => method.id).ToArray());
        Do("set", () => configuration.setInvoiceSequence("445"));
        Step("book", () => Book("P-1", "198305147715").bookPaymentStatus.ToString());
        Step("booked", Payment);
        Do("metadata", () => after.addMetaData("P-1", "CustomerId", "C-9"));
        Do("finalize a part", () => Finalize("P-1", Part(1), "O-1"));
        Do("finalize the rest", () => Finalize("P-1"));
        Do("credit", () => after.creditPayment("P-1", null, null, "clerk", null, null, false, null));
        Step("credited", Payment);
        Step("names", () => after.getPaymentDocumentNames("P-1").Length);
        Step("document", () => Encoding.ASCII.GetString(
            after.getPaymentDocument("P-1", after.getPaymentDocumentNames("P-1")[0]).pdfData, 0, 5));
        Step("found", Found);
        Step("size", () => after.calculateResultSize(new After.searchCriteria()));
        Do("finalize again", () => Finalize("P-1"));
        Step("missing", () => after.getPayment("No-such-payment").id);
        Step("book frozen", () => Book("P-2", "198209123705").bookPaymentStatus.ToString());
        Do("finalize frozen", () => Finalize("P-2"));
        Step("sign nothing", () => signed.bookSignedPayment("P-1").paymentId);
        var asked = Book("P-3", "198305147715", "Annan gata 2");
        Step("book with a signature", () => asked.bookPaymentStatus.ToString());
        Step("too early", () => signed.bookSignedPayment("P-3").paymentId);
        Step("sign", () => Signed(asked.signingUrl));
        Step("signed", () => signed.bookSignedPayment("P-3").bookPaymentStatus.ToString());
        Step("address", () => flow.getAddress("198305147715", Flow.customerType.NATURAL, true, null).country.ToString());
        Step("annuities", () => flow.getAnnuityFactors("PARTPAYMENT").Length);
        Step("cost", () => flow.getCostOfPurchaseHtml("INVOICE", 500).Contains("priceTable"));
        Do("register", Register);
        Do("register again", Register);
        Step("registered", () => configuration.getRegisteredEventCallback("UPDATE"));
        Do("unregister", () => configuration.unregisterEventCallback("UPDATE"));
        Step("not registered", () => configuration.getRegisteredEventCallback("UPDATE"));
        Do("trigger", () => developer.triggerEvent("TEST", new[] { "a", "b" }));
        Do("set sender", () => configuration.setInvoiceData(Sender()));
        Step("sender", () => configuration.getInvoiceData().name);
        Step("bonus", () => after.getCustomerBonus("198305147715", After.customerType.NATURAL, false).points);
        Step("peek", () => int.Parse(configuration.peekInvoiceSequence()));
    }
}
