// .NET proxies that wsdl.exe made of the contracts: makes the calls that it reads from its input, one a line. See bridge.py.
using System;
using System.Collections;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Reflection;
using System.Text;
using System.Web.Script.Serialization;
using System.Web.Services.Protocols;

static class Bridge
{
    const string Specified = "Specified"; // beside a value that may be absent the proxies have a flag of this ending
    static readonly JavaScriptSerializer Json = new JavaScriptSerializer { MaxJsonLength = int.MaxValue };
    static readonly Dictionary<string, SoapHttpClientProtocol> Clients = new Dictionary<string, SoapHttpClientProtocol>();
    static string address, version, session = "";
    static IDictionary<string, object> paths;

    static SoapHttpClientProtocol ClientFor(string service)
    {
        SoapHttpClientProtocol client;
        if (!Clients.TryGetValue(service, out client))
        {
            var name = service.Split(' ')[0];
            var type = Assembly.GetExecutingAssembly().GetType(service.Replace(" ", "") + "Proxy." + name, true);
            client = Clients[service] = (SoapHttpClientProtocol)Activator.CreateInstance(type);
            client.Url = address + paths[service];
            if (version == "1.2") client.SoapVersion = SoapProtocolVersion.Soap12;
        }
        var cookies = new CookieContainer();
        if (session != "") cookies.Add(new Cookie("ASP.NET_SessionId", session, "/", new Uri(address).Host));
        client.CookieContainer = cookies;
        return client;
    }

    static object Answer(object[] asked)
    {
        string service = (string)asked[0], operation = (string)asked[1];
        if (service == "cookie")
        {
            session = operation;
            return new Dictionary<string, object> { { "value", null } };
        }
        var client = ClientFor(service);
        var message = (IDictionary<string, object>)asked[2];
        var method = client.GetType().GetMethods().Single(each => each.Name == operation);
        var arguments = method.GetParameters().Select(each => Argument(each, message)).ToArray();
        try
        {
            return new Dictionary<string, object> { { "value", Shown(method.Invoke(client, arguments)) } };
        }
        catch (TargetInvocationException error)
        {
            var fault = error.InnerException as SoapException;
            if (fault == null) throw;
            return new Dictionary<string, object> { { "fault", fault.Message }, { "code", fault.Code.Name } };
        }
    }

    static object Argument(ParameterInfo parameter, IDictionary<string, object> message)
    {
        if (message.ContainsKey(parameter.Name)) return Filled(parameter.ParameterType, message[parameter.Name]);
        if (parameter.Name.EndsWith(Specified))
            return message.ContainsKey(parameter.Name.Substring(0, parameter.Name.Length - Specified.Length));
        return parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null;
    }

    // What a program sees of an answer; what holds its default is left out.
    static object Shown(object value)
    {
        if (value == null || value is string || value is bool || value is int || value is short || value is long) return value;
        if (value is decimal) return ((decimal)value).ToString(CultureInfo.InvariantCulture);
        if (value is double) return ((double)value).ToString("R", CultureInfo.InvariantCulture);
        if (value is DateTime) return ((DateTime)value).ToString("o");
        if (value is Guid || value is Enum) return value.ToString();
        if (value is byte[]) return Convert.ToBase64String((byte[])value);
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
        return usual != null && (usual.Equals(value) || usual.ToString() == value.ToString());
    }

    // An object of the proxies with the values of a dictionary.
    static object Filled(Type type, object given)
    {
        if (given == null) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(byte[])) return Convert.FromBase64String((string)given);
        if (type.IsArray)
        {
            var values = given as IDictionary<string, object>;
            var only = values == null ? given : values.Values.SingleOrDefault() ?? new object[0];
            var items = only is string || !(only is IEnumerable) || only is IDictionary<string, object>
                ? new List<object> { only } : ((IEnumerable)only).Cast<object>().ToList();
            var array = Array.CreateInstance(type.GetElementType(), items.Count);
            for (int at = 0; at < items.Count; at++) array.SetValue(Filled(type.GetElementType(), items[at]), at);
            return array;
        }
        var inner = given as IDictionary<string, object>;
        if (inner != null)
        {
            var made = Activator.CreateInstance(type);
            foreach (var each in inner)
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

    static void Main(string[] words)
    {
        Console.OutputEncoding = new UTF8Encoding(false);
        Console.InputEncoding = new UTF8Encoding(false);
        address = words[0];
        paths = (IDictionary<string, object>)Json.DeserializeObject(words[1]);
        version = words[2];
        string line;
        while ((line = Console.ReadLine()) != null)
        {
            Console.WriteLine(Json.Serialize(Answer((object[])Json.DeserializeObject(line))));
            Console.Out.Flush();
        }
    }
}
