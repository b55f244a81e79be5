/** What words in names of fields mean, in the languages that shops write. */

export const vocabulary = {
  product:
    "product products produkt produkte produit produto producto prodotto item items itm artikel article " +
    "articulo artigo articolo goods merchandise ware part partkey purchased plu stock isbn asin dish " +
    "concepto material vare varer urun towar towaru товар товары продукт 商品 产品 產品 货品 製品 " +
    "品名 상품 제품 품목",
  name:
    "name title titel titre titulo titolo nom nombre nome bezeichnung label libelle denominacion " +
    "denominazione displayname designation " +
    "naam navn namn nazwa adi isim наименование название 名称 名稱 名 이름 명",
  code:
    "sku code id uuid guid no nr num number key ean gtin upc barcode ref " +
    "matnr kod kodu numer nummer артикул код номер 编号 编码 番号 번호 코드",
  text:
    "description descripcion descricao descrizione beschreibung desc " +
    "omschrijving opis aciklama beskrivning описание 描述 説明 설명",
  quantity:
    "quantity quantities qty qte quantite menge anzahl stueck stuck stk units count cantidad cant unidades " +
    "quantidade qtd qtde quantita pezzi pz pcs pieces tickets ordered sold " +
    "stueckzahl stuckzahl aantal ilosc adet miktar antal количество колво 数量 个数 件数 個数 수량",
  quantityFirst:
    "quantity qty qte quantite menge anzahl cantidad quantidade qtd qtde quantita units " +
    "stueckzahl stuckzahl aantal ilosc adet miktar antal количество 数量 수량",
  price:
    "price prices preis prix precio preco prezzo rate einzelpreis stueckpreis unitprice " +
    "prijs stukprijs pris styckpris stykpris enhetspris cena fiyat fiyati цена 单价 価格 价格 " +
    "單價 単価 단가 가격",
  unit:
    "unit each per einzel stueckpreis einzelpreis unitaire unitario unitaria unitprice pro piece stueck " +
    "stukprijs styckpris stykpris enhetspris birim jednostkowa 单价 單價 単価 단가",
  total:
    "total totals amount subtotal sum gesamt gesamtpreis summe betrag umsatz montant monto importe valor " +
    "totale importo revenue extended extendedprice sales turnover gross net netto brutto line row wert value " +
    "totaal bedrag summa belopp belob kwota wartosc suma razem tutar toplam сумма итого " +
    "стоимость 金额 金額 总额 总价 合计 合計 小计 小計 総額 금액 합계 총액",
  cents: "cents cent minor centimes centavos pence centesimi centimos rappen centamount",
  tax:
    "tax taxes vat mwst ust iva tva steuer gst " +
    "btw moms mva podatek kdv ндс налог 税 税额 消費税 부가세",
  less:
    "promo promotion markdown saving savings voucher deduction allowance skonto abzug " +
    "discount discounts rabatt nachlass remise descuento desconto sconto coupon rebate reduction discounted " +
    "korting rabat indirim скидка 折扣 优惠 割引 할인",
  notMoney:
    "cumulative running ytd mtd lifetime target forecast budget expected estimated min max avg " +
    "average mean profit margin commission payout earnings income " +
    "shipping freight versand tip gratuity fee fees charge cost costs kosten weight compare list msrp " +
    "regular refund refunded balance change due tendered pre before prediscount old previous " +
    "points score rating stock percent percentage rate exponent digits scale count quantity qty " +
    "presentment frakt verzendkosten dostawa kargo доставка 运费 送料 배송비",
  notQuantity:
    "available refunded shipped fulfillable fulfilled min max inventory remaining returned cancelled " +
    "delivered invoiced canceled backorder current stock old previous in reserved weight line lines views price total amount " +
    "revenue id",
  notProduct:
    "customer user client kunde buyer seller store shop vendor supplier brand category country city " +
    "region state address payment card first last email employee cashier warehouse currency status " +
    "method channel company department database db table schema connector topic server site url image " +
    "session member purchaser campaign coupon carrier transaction invoice line variant tax price quantity " +
    "event page screen app host file klant kunde klient musteri magasin butikk sklep " +
    "заказ клиент магазин 订单 客户 店铺 用户 注文 顧客 店舗 주문 고객 매장",
  time:
    "time date timestamp datetime ts at zeit datum zeitpunkt uhrzeit heure horodatage fecha hora data " +
    "quando ora created placed sold when created on millis micros " +
    "tijd tijdstip tid tidspunkt dato tarih saat czas время дата 时间 時間 日期 日時 日付 시간 일시 날짜",
  timeFirst:
    "sold order ordered purchase closed placed sale transaction invoice paid verkauft " +
    "下单 支付 销售 販売 주문 판매",
  notTime:
    "updated modified deleted cancelled due expires expiry birth shipped delivery delivered start",
  currency:
    "currency currencycode waehrung wahrung devise moneda moeda valuta " +
    "waluta валюта 币种 货币 通貨 통화",
  kind:
    "type event kind op operation action status state stage operationtype eventtype art typ evento tipo " +
    "metric measure indicator kpi phase lifecycle outcome result disposition sign direction side flow movement dc drcr evenement estado statut stato optype flag payment " +
    "durum stan статус тип 状态 状態 类型 種別 상태 유형",
  family: "table collection entity resource tablename",
  state:
    "status state stage statuscode estado estatus etat statut stato durum stan payment " +
    "статус 状态 状態 상태",
  environment: "env environment mode realm tenant umgebung",
  category: "category categorie kategorie categoria department dept group family collection brand",
  notLines:
    "tax taxes discount discounts payment payments tender tenders fee fees shipping shipment shipments " +
    "fulfillment fulfillments fulfilments modifier modifiers option options property properties note notes " +
    "refund refunds return returns coupon coupons history address addresses adjustment adjustments " +
    "allocation allocations promotion promotions applied steuern zahlungen paiements pagos pagamentos " +
    "tags images before old",
  isTest: "test testmode testing sandbox demo training preview simulated simulation dummy dryrun",
  isVoid:
    "void voided draft quote estimate parked suspended deleted cancelled canceled storniert annule anulado cancelado annullato removed failed",
  isReturn: "return refund isreturn isrefund retoure rueckgabe",
  cameBack: "returned refunded",
  delivery: "fulfillment fulfilment shipping shipment delivery versand lieferung envio livraison",
  isSale: "valid success successful paid livemode confirmed completed",
} as const;

export type Meaning = keyof typeof vocabulary;
