// .NET proxies that wsdl.exe made of the contracts: arguments are the server's address, the file with the order, the SOAP version.
using System;
using System.Collections;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Reflection;
using System.Text;
using System.Web.Script.Serialization;
using System.Web.Services.Protocols;

static class Session
{
    const string Application = "00000000-0000-4000-8000-000000000024";
    const string TokenId = "00000000-0000-4000-8000-00000000240f";
    const string Specified = "Specified"; // beside a value that may be absent the proxies have a flag of this ending
    static readonly JavaScriptSerializer Json = new JavaScriptSerializer();
    static Auth.Authenticate authenticate;
    static Inv.InvoiceService invoices;

    static object Step(string name, Func<object> call)
    {
        object value;
        try { value = call(); }
        catch (SoapException fault)
        {
            Print(name, new Dictionary<string, object> { { "fault", fault.Message }, { "code", fault.Code.Name } });
            return null;
        }
        Print(name, Shown(value));
        return value;
    }

    static void Print(string name, object value)
    {
        Console.WriteLine(Json.Serialize(new[] { name, value }));
    }

    // What a program sees of an answer; what holds its default is left out.
    static object Shown(object value)
    {
        if (value == null || value is string || value is bool || value is int || value is short || value is long) return value;
        if (value is decimal) return ((decimal)value).ToString(CultureInfo.InvariantCulture);
        if (value is DateTime) return ((DateTime)value).ToString("o");
        if (value is Guid || value is Enum) return value.ToString();
        if (value is IDictionary) return value;
        if (value is IEnumerable) return ((IEnumerable)value).Cast<object>().Select(Shown).ToList();
        var seen = new Dictionary<string, object>();
        foreach (var property in value.GetType().GetProperties())
        {
            var inner = property.GetValue(value, null);
            var usual = (DefaultValueAttribute)Attribute.GetCustomAttribute(property, typeof(DefaultValueAttribute));
            if (inner == null || usual != null && Same(usual.Value, inner)) continue;
            var specified = value.GetType().GetProperty(property.Name + Specified);
            if (property.Name.EndsWith(Specified) || specified != null && !(bool)specified.GetValue(value, null)) continue;
            seen[property.Name] = Shown(inner);
        }
        return seen;
    }

    static bool Same(object usual, object value)
    {
        if (usual == null) return false;
        return usual.Equals(value) || usual.ToString() == value.ToString();
    }

    // An object of the proxies with the values of a dictionary.
    static object Filled(Type type, object given)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsArray)
        {
            var items = ((IDictionary<string, object>)given).Values.Cast<IEnumerable>().Single().Cast<object>().ToList();
            var array = Array.CreateInstance(type.GetElementType(), items.Count);
            for (int at = 0; at < items.Count; at++) array.SetValue(Filled(type.GetElementType(), items[at]), at);
            return array;
        }
        var values = given as IDictionary<string, object>;
        if (values != null)
        {
            var made = Activator.CreateInstance(type);
            foreach (var each in values)
            {
                var property = type.GetProperty(each.Key);
                property.SetValue(made, Filled(property.PropertyType, each.Value), null);
                var specified = type.GetProperty(each.Key + Specified);
                if (specified != null) specified.SetValue(made, true, null);
            }
            return made;
        }
        if (type.IsEnum) return Enum.Parse(type, (string)given);
        if (type == typeof(Guid)) return new Guid((string)given);
        if (type == typeof(DateTime)) return DateTime.Parse((string)given, CultureInfo.InvariantCulture);
        return Convert.ChangeType(given, type, CultureInfo.InvariantCulture);
    }

    static string[] Operations(Type service)
    {
        return service.GetMethods().Where(m => m.GetCustomAttributes(typeof(SoapDocumentMethodAttribute), false).Any())
            .Select(m => m.Name).ToArray();
    }

    static string[] Names(Type type)
    {
        return type.GetProperties().Select(p => p.Name).ToArray();
    }

    static void LogIn(string session)
    {
        var address = new Uri(authenticate.Url);
        var cookies = new CookieContainer();
        cookies.Add(new Cookie("ASP.NET_SessionId", session, "/", address.Host));
        authenticate.CookieContainer = invoices.CookieContainer = cookies;
    }

    static Auth.Credential Credential(string password = "demo-secret", string application = Application)
    {
        return new Auth.Credential
        {
            ApplicationId = new Guid(application), Username = "demo@example.com", Password = password
        };
    }

    static Inv.InvoiceOrder Known(int order, Inv.OrderSlipStateType status)
    {
        return new Inv.InvoiceOrder { OrderId = order, CustomerId = 1, SkipStock = true, IncludeVAT = true, OrderStatus = status };
    }

    static Inv.InvoiceOrder[] Save(params Inv.InvoiceOrder[] orders)
    {
        return invoices.SaveInvoices(orders);
    }

    static Inv.InvoiceOrder[] Get(int[] ids, string[] order = null, string[] row = null)
    {
        var search = new Inv.InvoiceSearchParameters { OrderIds = ids };
        return invoices.GetInvoices(search, order ?? new[] { "OrderId" }, row ?? new string[0]);
    }

    static void Main(string[] words)
    {
        Console.OutputEncoding = new UTF8Encoding(false);
        authenticate = new Auth.Authenticate { Url = words[0] + "/authenticate/v001/authenticate.asmx" };
        invoices = new Inv.InvoiceService { Url = words[0] + "/Economy/InvoiceOrder/V001/InvoiceService.asmx" };
        if (words[2] == "1.2") authenticate.SoapVersion = invoices.SoapVersion = SoapProtocolVersion.Soap12;
        var given = Json.DeserializeObject(File.ReadAllText(words[1]));

        Step("operations", () => Operations(typeof(Auth.Authenticate)).Concat(Operations(typeof(Inv.InvoiceService)))
            .OrderBy(name => name, StringComparer.Ordinal));
        Step("list without session", () => invoices.GetPaymentMethods());
        Step("wrong password", () => authenticate.Login(Credential("wrong")));
        Step("unknown application", () => authenticate.Login(Credential("demo-secret", TokenId)));
        Step("has session before", () => authenticate.HasSession());
        LogIn((string)Step("login", () => authenticate.Login(Credential())));
        Step("has session", () => authenticate.HasSession());
        Step("identity", () => authenticate.GetIdentity());
        Step("identities", () => authenticate.GetIdentities());
        Step("payment methods", () => invoices.GetPaymentMethods());
        Step("delivery methods", () => invoices.GetDeliveryMethods());
        Step("templates", () => invoices.GetInvoiceTemplates());

        var first = (Inv.InvoiceOrder)Filled(typeof(Inv.InvoiceOrder), given);
        var order = ((Inv.InvoiceOrder[])Step("save", () => Save(first)))[0].OrderId;
        var row = new Inv.InvoiceRow { ProductId = 2, Quantity = 3, SequenceNumber = 7, ChangeState = Inv.ChangeState.Add };
        var more = Known(order, Inv.OrderSlipStateType.ForInvoicing);
        more.InvoiceRows = new[] { row };
        Step("add row", () => Save(more));
        Step("save two", () => Save(new Inv.InvoiceOrder { CustomerId = 999 }, new Inv.InvoiceOrder { CustomerId = 2 }));
        var invoiced = (Inv.InvoiceOrder[])Step("invoice", () => Save(Known(order, Inv.OrderSlipStateType.Invoiced)));
        Step("locked", () => Save(Known(order, Inv.OrderSlipStateType.Web)));
        Step("read", () => Get(new[] { order }, Names(typeof(Inv.InvoiceOrder)), Names(typeof(Inv.InvoiceRow))));
        var reference = new Inv.InvoiceOrder { OrderId = order, ReferenceNumber = "REF-2" };
        Step("reference", () => invoices.UpdateInvoices(new[] { reference }));
        var document = new Inv.InvoiceDocumentSearchParameters { InvoiceId = invoiced[0].InvoiceId };
        var pdf = invoices.GetInvoiceDocument(document);
        Step("pdf", () => new Dictionary<string, object>
        {
            { "start", Encoding.ASCII.GetString(pdf, 0, 5) }, { "long", pdf.Length > 1000 }
        });
        Step("no such invoice", () =>
            invoices.GetInvoiceDocument(new Inv.InvoiceDocumentSearchParameters { InvoiceId = 99 }));
        var since = new Inv.InvoiceSyncParameters { RegisteredAfter = new DateTime(2000, 1, 1) };
        var ids = (int[])Step("sync", () => invoices.GetOrderSyncList(since));
        Step("batches", () => ids.Select(each => Get(new[] { each })).ToArray());
        var token = new Auth.Token { ApplicationId = new Guid(Application), Id = new Guid(TokenId) };
        var passport = (Auth.Passport)Step("token", () => authenticate.AuthenticateByToken(token));
        LogIn(passport.SessionId);
        Step("has session by token", () => authenticate.HasSession());
    }
}
